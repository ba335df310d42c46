package dev.jinrai.tokenizer.pipeline;

/// Every place of a text in a text of the row becomes another text. What may be the beginning of
/// one waits.
record ReplaceText(String wanted, String content) implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new Stage() {
            private String waits = "";

            @Override
            public void text(String part) {
                String text = waits + part;
                StringBuilder certain = new StringBuilder();
                int from = 0;
                for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, from)) {
                    certain.append(text, from, at).append(content);
                    from = at + wanted.length();
                }
                int beginning = text.length();
                int longest = Math.min(wanted.length() - 1, text.length() - from);
                for (int length = longest; length > 0; length--) {
                    if (text.regionMatches(text.length() - length, wanted, 0, length)) {
                        beginning = text.length() - length;
                        break;
                    }
                }
                next.text(certain.append(text, from, beginning).toString());
                waits = text.substring(beginning);
            }

            @Override
            public void endText() {
                flush();
                next.endText();
            }

            @Override
            public void end() {
                flush();
                next.end();
            }

            private void flush() {
                if (!waits.isEmpty()) {
                    next.text(waits);
                    waits = "";
                }
            }
        };
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text)
                ? new Printed.Text(text.replace(wanted, content))
                : token;
    }
}
