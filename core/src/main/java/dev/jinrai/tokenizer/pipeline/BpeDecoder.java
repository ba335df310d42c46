package dev.jinrai.tokenizer.pipeline;

/// A mark at the end of words becomes a space, and nothing in the last text.
record BpeDecoder(String suffix) implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new WholeTexts(next) {
            private String waits = "";
            private boolean any;

            @Override
            void whole(String text) {
                if (any) {
                    emit(waits.replace(suffix, " "));
                }
                any = true;
                waits = text;
            }

            @Override
            public void end() {
                if (any) {
                    emit(waits.replace(suffix, ""));
                }
                super.end();
            }
        };
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text)
                ? new Printed.Text(text.replace(suffix, " "))
                : token;
    }
}
