package dev.jinrai.tokenizer;

import java.util.Locale;

/// Tokens that are one byte, written `<0x0A>`.
final class ByteToken {
    private ByteToken() {}

    /// {@return how a vocabulary writes a byte of 0 to 255}
    static String text(int b) {
        return String.format(Locale.ROOT, "<0x%02X>", b);
    }

    /// {@return the byte that a token of type `BYTE` names}
    ///
    /// @throws TokenizerException if it names none
    static byte value(Vocabulary vocabulary, int id) {
        String text = vocabulary.text(id);
        if (!text.matches("<0x[0-9A-Fa-f]{2}>")) {
            throw new TokenizerException(
                    "token %d %s is of type BYTE but does not name a byte, as <0x0A> does"
                            .formatted(id, TokenizerException.quote(text)));
        }
        return (byte) Integer.parseInt(text, 3, 5, 16);
    }
}
