package dev.jinrai.gguf;

/// Text from outside, made fit for a message: one line, nothing invisible, not endless.
public final class Quote {
    /// Code points shown of a text; the longest tensor names in use have about sixty.
    private static final int SHOWN = 96;

    private Quote() {}

    /// In single quotes, shortened, with whatever does not print escaped.
    public static String quote(String text) {
        int length = text.codePointCount(0, text.length());
        if (length <= SHOWN) {
            return "'" + printable(text) + "'";
        }
        String shown = text.substring(0, text.offsetByCodePoints(0, SHOWN));
        return "'%s…' (%d characters)".formatted(printable(shown), length);
    }

    /// With whatever does not print escaped: a name cannot end the line, colour the terminal, or
    /// turn the rest of the message around.
    public static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (prints(c)) {
                out.appendCodePoint(c);
            } else {
                out.append("\\u{%X}".formatted(c));
            }
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static boolean prints(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
