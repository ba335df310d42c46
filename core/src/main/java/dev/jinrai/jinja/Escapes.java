package dev.jinrai.jinja;

/// The escapes in Python's string literals. An unknown one stands for itself.
final class Escapes {
    private final String literal;
    private final StringBuilder text = new StringBuilder();
    private int at;

    private Escapes(String literal) {
        this.literal = literal;
    }

    static String read(String literal) {
        if (literal.indexOf('\\') < 0) {
            return literal;
        }
        Escapes escapes = new Escapes(literal);
        while (escapes.at < literal.length()) {
            escapes.next();
        }
        return escapes.text.toString();
    }

    private void next() {
        char c = literal.charAt(at++);
        if (c != '\\' || at == literal.length()) {
            text.append(c);
            return;
        }
        char escape = literal.charAt(at++);
        switch (escape) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(escape);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000b');
            case 'x' -> hexadecimal(escape, 2);
            case 'u' -> hexadecimal(escape, 4);
            case 'U' -> hexadecimal(escape, 8);
            case 'N' -> named();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            default -> text.append('\\').append(escape);
        }
    }

    private void hexadecimal(char escape, int digits) {
        int end = at;
        while (end < literal.length()
                && end < at + digits
                && literal.charAt(end) < 128
                && Character.digit(literal.charAt(end), 16) >= 0) {
            end++;
        }
        if (end < at + digits) {
            throw new Problem("'\\%c' needs %d hexadecimal digits".formatted(escape, digits));
        }
        long code = Long.parseLong(literal.substring(at, end), 16);
        if (code > Character.MAX_CODE_POINT) {
            throw new Problem("there is no character '\\%c%08x'".formatted(escape, code));
        }
        text.appendCodePoint((int) code);
        at = end;
    }

    /// `\N{BULLET}`.
    private void named() {
        int end = literal.indexOf('}', at);
        if (!literal.startsWith("{", at) || end < 0) {
            throw new Problem("'\\N' needs the name of a character in braces");
        }
        String name = literal.substring(at + 1, end);
        try {
            text.appendCodePoint(Character.codePointOf(name));
        } catch (IllegalArgumentException e) {
            throw new Problem("there is no character named '%s'".formatted(Texts.beginning(name)));
        }
        at = end + 1;
    }

    private void octal() {
        int code = 0;
        int start = --at;
        while (at < literal.length()
                && at < start + 3
                && Character.digit(literal.charAt(at), 8) >= 0) {
            code = code * 8 + literal.charAt(at++) - '0';
        }
        text.appendCodePoint(code);
    }
}
