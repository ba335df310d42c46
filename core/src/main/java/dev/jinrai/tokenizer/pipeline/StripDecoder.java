package dev.jinrai.tokenizer.pipeline;

/// Takes a character away from the ends of each text of the row, so often at most.
///
/// @param start how many at the beginning
/// @param stop how many at the end
record StripDecoder(int content, int start, int stop) implements Decoder {

    @Override
    public Stage onto(Stage next) {
        String sign = Character.toString(content);
        return new Stage() {
            private int left = start;
            private int waits; // signs at the end that may yet go

            @Override
            public void text(String part) {
                int from = 0;
                while (left > 0 && from < part.length()) {
                    if (!part.startsWith(sign, from)) {
                        left = 0;
                        break;
                    }
                    from += sign.length();
                    left--;
                }
                if (from == part.length()) {
                    return;
                }
                int to = part.length();
                int signs = 0;
                while (signs < stop && to > from && part.startsWith(sign, to - sign.length())) {
                    to -= sign.length();
                    signs++;
                }
                if (to > from) {
                    next.text(sign.repeat(waits) + part.substring(from, to));
                    waits = signs;
                } else {
                    int more = waits + signs;
                    waits = Math.min(more, stop);
                    next.text(sign.repeat(more - waits));
                }
            }

            @Override
            public void endText() {
                left = start;
                waits = 0;
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
        if (fused || !(token instanceof Printed.Text(String text))) {
            return token;
        }
        StringBuilder out = new StringBuilder();
        Stage stage = onto(Decoder.to(out::append));
        stage.text(text);
        stage.endText();
        return new Printed.Text(out.toString());
    }
}
