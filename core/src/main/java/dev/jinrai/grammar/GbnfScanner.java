package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.List;

/// The words of a [GbnfParser]: names, counts, texts, classes of characters, tokens, and the white space between them. Mutable.
final class GbnfScanner {
    private final String source;

    /// The next character.
    int at;

    GbnfScanner(String source) {
        this.source = source;
    }

    GrammarException problem(int offset, String what) {
        return GrammarException.at(source, offset, what);
    }

    GrammarException expected(String what) {
        String there =
                end() ? "the end" : "'%s'".formatted(Character.toString(source.codePointAt(at)));
        return problem(
                at, "wanted %s, got %s".formatted(what, peek() == '\n' ? "a line end" : there));
    }

    /// {@return whether this text comes, which is passed then}
    boolean passes(String text) {
        boolean here = source.startsWith(text, at);
        at += here ? text.length() : 0;
        return here;
    }

    int count() {
        int start = at;
        while (isDigit(peek())) {
            at++;
        }
        if (at == start) {
            throw expected("a count");
        }
        String digits = source.substring(start, at);
        if (digits.length() > 9) {
            throw problem(start, "wanted a count below 1000000000, got " + digits);
        }
        return Integer.parseInt(digits);
    }

    Expr literal() {
        int start = at++;
        var text = new StringBuilder();
        while (peek() != '"' || end()) {
            if (end()) {
                throw problem(start, "a text without its closing '\"'");
            }
            int place = at;
            int c = character();
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw problem(place, "U+%04X is half a surrogate pair, no character".formatted(c));
            }
            text.appendCodePoint(c);
        }
        at++;
        return new Expr.Text(text.toString());
    }

    CharSet set() {
        int start = at++;
        boolean not = peek() == '^';
        at += not ? 1 : 0;
        List<Integer> ranges = new ArrayList<>();
        while (peek() != ']' || end()) {
            if (end()) {
                throw problem(start, "a character class without its closing ']'");
            }
            int place = at;
            int from = character();
            int to = from;
            if (peek() == '-' && at + 1 < source.length() && source.charAt(at + 1) != ']') {
                at++;
                to = character();
            }
            if (from > to) {
                throw problem(
                        place, "a range that runs backwards, U+%04X to U+%04X".formatted(from, to));
            }
            ranges.add(from);
            ranges.add(to);
        }
        at++;
        CharSet named = CharSet.of(ranges.stream().mapToInt(Integer::intValue).toArray());
        CharSet set = not ? named.complement() : named;
        if (named.isEmpty() || set.isEmpty()) {
            throw problem(start, "a character class that names no character");
        }
        return set;
    }

    private int character() {
        int start = at;
        if (peek() != '\\') {
            int c = source.codePointAt(at);
            at += Character.charCount(c);
            return c;
        }
        at += 2;
        char escape = start + 1 < source.length() ? source.charAt(start + 1) : '\0';
        return switch (escape) {
            case 'x' -> hex(start, 2);
            case 'u' -> hex(start, 4);
            case 'U' -> hex(start, 8);
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            case '\\', '"', '[', ']', '-' -> escape;
            default ->
                    throw problem(
                            start,
                            "wanted an escape \\x \\u \\U \\t \\r \\n \\\\ \\\" \\[ \\] or \\-");
        };
    }

    private int hex(int start, int digits) {
        long value = 0;
        for (int i = 0; i < digits; i++, at++) {
            int digit = end() ? -1 : Character.digit(peek(), 16);
            if (digit < 0 || peek() > 'f') {
                throw problem(start, "wanted %d hexadecimal digits".formatted(digits));
            }
            value = value << 4 | digit;
        }
        if (value > Character.MAX_CODE_POINT) {
            throw problem(start, "there are no characters beyond U+10FFFF");
        }
        return (int) value;
    }

    /// `<[17]>` or `<think>`, after `!` any other.
    Expr token() {
        int start = at;
        boolean not = peek() == '!';
        at += not ? 1 : 0;
        int close = peek() == '<' ? source.indexOf('>', at) : -1;
        if (close < 0) {
            throw problem(start, "wanted a token, '<[17]>' or '<text>'");
        }
        String name = source.substring(at, close + 1);
        if (name.startsWith("<[") && !name.matches("<\\[[0-9]{1,9}]>")) {
            throw problem(start, "wanted a token's id, '<[17]>', got '%s'".formatted(name));
        }
        at = close + 1;
        return new Expr.Token(name, not);
    }

    String name() {
        int start = at;
        while (!end() && isWord(peek())) {
            at++;
        }
        if (at == start) {
            throw expected("the name of a rule");
        }
        return source.substring(start, at);
    }

    /// Skips white space and comments.
    void space(boolean lines) {
        while (!end()) {
            char c = peek();
            if (c == '#') {
                while (!end() && peek() != '\n' && peek() != '\r') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
                at++;
            } else {
                return;
            }
        }
    }

    boolean end() {
        return at >= source.length();
    }

    /// {@return the next character; U+0000 at the end}
    char peek() {
        return end() ? '\0' : source.charAt(at);
    }

    static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || isDigit(c);
    }
}
