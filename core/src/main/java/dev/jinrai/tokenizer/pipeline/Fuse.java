package dev.jinrai.tokenizer.pipeline;

/// Joins the row to one text.
record Fuse() implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new Stage() {
            @Override
            public void text(String part) {
                next.text(part);
            }

            @Override
            public void endText() {}

            @Override
            public void end() {
                next.endText();
                next.end();
            }
        };
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token;
    }

    @Override
    public boolean fuses() {
        return true;
    }
}
