package dev.jinrai.jinja;

/// Sign, width and fill of a formatted value.
///
/// @param align `<`, `>`, `^`, `=` (behind the sign), or 0 for the value's usual one
/// @param sign what stands before a number that is not negative
record Padding(long width, String fill, char align, String sign, boolean alternate) {
    /// Those of `%`.
    Padding(long width, String flags) {
        this(
                width,
                flags.contains("0") && !flags.contains("-") ? "0" : " ",
                flags.contains("-") ? '<' : flags.contains("0") ? '=' : '>',
                flags.contains("+") ? "+" : flags.contains(" ") ? " " : "",
                flags.contains("#"));
    }

    /// {@return the first characters of a text}
    ///
    /// @param precision how many, or negative for all
    static String cut(String text, long precision) {
        if (precision < 0 || precision >= text.length()) {
            return text;
        }
        int end = 0;
        for (long left = precision; left > 0 && end < text.length(); left--) {
            end += Character.charCount(text.codePointAt(end));
        }
        return text.substring(0, end);
    }

    void text(String value, Text out) {
        boolean zeros = align == '=';
        pad("", value, zeros ? " " : fill, align == 0 ? '<' : zeros ? '>' : align, out);
    }

    void number(boolean negative, String prefix, String digits, Text out) {
        pad((negative ? "-" : sign) + prefix, digits, fill, align == 0 ? '>' : align, out);
    }

    private void pad(String front, String value, String with, char side, Text out) {
        long missing = Math.max(0, width - Texts.length(front) - Texts.length(value));
        long left =
                switch (side) {
                    case '<' -> 0;
                    case '^' -> missing / 2;
                    default -> missing;
                };
        if (side == '=') {
            out.append(front).repeat(with, left).append(value);
            return;
        }
        out.repeat(with, left).append(front).append(value).repeat(with, missing - left);
    }
}
