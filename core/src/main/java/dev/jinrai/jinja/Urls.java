package dev.jinrai.jinja;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/// Python's `urllib.parse.quote`.
final class Urls {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Urls() {}

    /// @param safe characters that stay, besides letters, digits and `_.-~`
    static String quoted(String text, String safe, Budget budget) {
        budget.characters(3L * text.length());
        String plain = "_.-~" + safe;
        StringBuilder quoted = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean stays = c < 128 && (Character.isLetterOrDigit(c) || plain.indexOf(c) >= 0);
            if (stays) {
                quoted.append(c);
            } else {
                quoted.append('%').append(HEX.toHexDigits(b));
            }
        }
        return quoted.toString();
    }
}
