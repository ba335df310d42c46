package dev.jinrai.tokenizer.pipeline;

/// A space comes before every token that does not go on a word; then English is cleaned up, each
/// token alone.
record WordPieceDecoder(String prefix, boolean cleanUp) implements Decoder {

    @Override
    public Stage onto(Stage next) {
        return new WholeTexts(next) {
            private boolean first = true;

            @Override
            void whole(String text) {
                String word = first ? text : later(text);
                first = false;
                emit(cleanUp ? cleanUp(word) : word);
            }
        };
    }

    private String later(String token) {
        return token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
    }

    private static String cleanUp(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    @Override
    public Printed middle(Printed token, boolean fused) {
        if (!(token instanceof Printed.Text(String text))) {
            return token;
        }
        String word = fused ? text : later(text);
        return new Printed.Text(cleanUp ? cleanUp(word) : word);
    }
}
