package dev.jinrai.tokenizer.pipeline;

/// A space between every two tokens.
record SpacesBetween() implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new Stage() {
            private boolean first = true;
            private boolean begun;

            @Override
            public void text(String part) {
                next.text(begun || first ? part : " " + part);
                begun = true;
            }

            @Override
            public void endText() {
                if (!begun && !first) {
                    next.text(" ");
                }
                first = false;
                begun = false;
                next.endText();
            }

            @Override
            public void end() {
                next.end();
            }
        };
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text) ? new Printed.Text(" " + text) : token;
    }
}
