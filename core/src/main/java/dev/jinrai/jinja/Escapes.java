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
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            default -> text.append('\\').append(escape);
        }
    }

    private void hexadecimal(char escape, int digits) {
        int end = Math.min(at + digits, literal.length());
        String code = literal.substring(at, end);
        if (!code.matches("[0-9a-fA-F]{" + digits + "}")
                || !Character.isValidCodePoint((int) Long.parseLong(code, 16))) {
            text.append('\\').append(escape);
            return;
        }
        text.appendCodePoint(Integer.parseInt(code, 16));
        at = end;
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
