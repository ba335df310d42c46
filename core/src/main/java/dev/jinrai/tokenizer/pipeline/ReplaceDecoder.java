package dev.jinrai.tokenizer.pipeline;

/// Every match of a pattern in a text of the row becomes another text.
record ReplaceDecoder(TextPattern pattern, String content) implements Decoder {

    static Decoder of(TextPattern pattern, String content) {
        return pattern instanceof TextPattern.Literal(String literal)
                ? new ReplaceText(literal, content)
                : new ReplaceDecoder(pattern, content);
    }

    @Override
    public Stage onto(Stage next) {
        return new WholeTexts(next) {
            @Override
            void whole(String text) {
                emit(replace(text));
            }
        };
    }

    private String replace(String text) {
        return new Replace(pattern, content).normalize(text);
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        return token instanceof Printed.Text(String text) ? new Printed.Text(replace(text)) : token;
    }
}
