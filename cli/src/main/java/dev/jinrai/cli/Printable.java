package dev.jinrai.cli;

/// Text from a file or a model, made fit to be shown: a name in a file cannot colour the terminal,
/// move its cursor, or forge a line.
final class Printable {
    private Printable() {}

    /// {@return the text on one line, with an escape for whatever does not print}
    static String line(String text) {
        if (isPlain(text)) {
            return text;
        }
        var out = new StringBuilder(text.length() + 16);
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '\n' -> out.append("\\n");
                        case '\r' -> out.append("\\r");
                        case '\t' -> out.append("\\t");
                        default -> append(c, prints(c), out);
                    }
                });
        return out.toString();
    }

    /// {@return at most `length` code points of the text, on one line}
    static String line(String text, int length) {
        return text.codePointCount(0, text.length()) <= length
                ? line(text)
                : line(text.substring(0, text.offsetByCodePoints(0, length))) + "…";
    }

    /// {@return the text as it is, but for the control characters other than line breaks and tabs}
    static String text(String text) {
        if (isPlain(text)) {
            return text;
        }
        var out = new StringBuilder(text.length() + 16);
        text.codePoints()
                .forEach(c -> append(c, c == '\n' || c == '\t' || !Character.isISOControl(c), out));
        return out.toString();
    }

    private static void append(int c, boolean prints, StringBuilder out) {
        if (prints) {
            out.appendCodePoint(c);
        } else {
            out.append('\\').append("u{%X}".formatted(c));
        }
    }

    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < ' ' || text.charAt(i) > '~') {
                return false;
            }
        }
        return true;
    }

    private static boolean prints(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
