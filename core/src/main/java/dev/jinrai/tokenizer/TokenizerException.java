package dev.jinrai.tokenizer;

/// A vocabulary that cannot work, or an id or a text that a vocabulary has no answer for.
public class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// Characters of a token shown in a message; longer ones are cut.
    private static final int SHOWN = 64;

    public TokenizerException(String message) {
        super(message);
    }

    /// {@return a token's text, fit for one line of a message: quoted, cut, control characters
    /// escaped}
    static String quote(String token) {
        StringBuilder out = new StringBuilder("'");
        token.codePoints()
                .limit(SHOWN)
                .forEach(c -> {
                    if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                        out.append("\\u{%X}".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return out.append(token.codePointCount(0, token.length()) > SHOWN ? "…'" : "'").toString();
    }
}
