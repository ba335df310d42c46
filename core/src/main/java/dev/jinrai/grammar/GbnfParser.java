package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// GBNF: the notation of llama.cpp's grammars (its `grammars/README.md`; what version 0.7.0 accepts).
///
/// A rule ends at the end of its line, except behind `::=` and `|` and within parentheses. Names are letters, digits and `-`. Stricter
/// than llama.cpp, because each of these is a mistake that it takes in silence: a rule may be there only once, a class names at least one
/// character, a range does not run backwards.
final class GbnfParser {
    private static final int MOST_CHARACTERS = 1 << 20;
    private static final int MOST_DEPTH = 200;

    private final String source;
    private final Map<String, Expr> rules = new LinkedHashMap<>();

    /// Where each rule begins, and where each is first called.
    private final Map<String, Integer> defined = new HashMap<>();

    private final Map<String, Integer> called = new LinkedHashMap<>();
    private int at;
    private int depth;

    private GbnfParser(String source) {
        this.source = source;
    }

    static Grammar parse(String source) {
        if (source.length() > MOST_CHARACTERS) {
            throw new GrammarException(
                    "the grammar has %d characters, more than %d"
                            .formatted(source.length(), MOST_CHARACTERS));
        }
        var parser = new GbnfParser(source);
        parser.grammar();
        try {
            return Grammar.of(parser.rules, "root");
        } catch (RuleException e) {
            throw parser.problem(
                    parser.defined.getOrDefault(e.rule(), 0), String.valueOf(e.getMessage()));
        }
    }

    private GrammarException problem(int offset, String what) {
        return GrammarException.at(source, offset, what);
    }

    private GrammarException expected(String what) {
        String there =
                end() ? "the end" : "'%s'".formatted(Character.toString(source.codePointAt(at)));
        return problem(
                at, "wanted %s, got %s".formatted(what, peek() == '\n' ? "a line end" : there));
    }

    private void grammar() {
        space(true);
        while (!end()) {
            rule();
            space(true);
        }
        called.forEach((name, offset) -> {
            if (!rules.containsKey(name)) {
                throw problem(offset, "there is no rule '%s'".formatted(name));
            }
        });
        if (!rules.containsKey("root")) {
            throw problem(0, "there is no rule 'root', which a grammar begins with");
        }
    }

    private void rule() {
        int start = at;
        if (peek() == '|') {
            throw problem(at, "a line cannot begin with '|'; put it at the end of the line before");
        }
        String name = name();
        space(false);
        if (!source.startsWith("::=", at)) {
            throw expected("'::=' behind the name of a rule");
        }
        at += 3;
        space(true);
        Integer before = defined.putIfAbsent(name, start);
        if (before != null) {
            throw problem(start, "rule '%s' is there twice".formatted(name));
        }
        rules.put(name, alternatives(false));
        if (!end() && peek() != '\n' && peek() != '\r') {
            throw expected("an item, '|' or the end of the line");
        }
    }

    private Expr alternatives(boolean nested) {
        if (++depth > MOST_DEPTH + 1) {
            throw problem(at, "more than %d parentheses inside each other".formatted(MOST_DEPTH));
        }
        List<Expr> options = new ArrayList<>();
        options.add(sequence(nested));
        while (peek() == '|') {
            at++;
            space(true);
            options.add(sequence(nested));
        }
        depth--;
        return Expr.choice(options);
    }

    private Expr sequence(boolean nested) {
        List<Expr> parts = new ArrayList<>();
        while (!end()) {
            char c = peek();
            if (c == '*' || c == '+' || c == '?' || c == '{') {
                if (parts.isEmpty()) {
                    throw problem(
                            at, "'%s' wants something before it that it repeats".formatted(c));
                }
                parts.add(repeated(parts.removeLast(), nested));
            } else {
                Expr item = item(c);
                if (item == null) {
                    break;
                }
                parts.add(item);
            }
            space(nested);
        }
        return Expr.sequence(parts);
    }

    private @Nullable Expr item(char c) {
        if (isWord(c)) {
            int start = at;
            String name = name();
            called.putIfAbsent(name, start);
            return new Expr.Rule(name);
        }
        return switch (c) {
            case '"' -> literal();
            case '[' -> new Expr.Chars(set());
            case '.' -> {
                at++;
                yield new Expr.Chars(CharSet.ALL);
            }
            case '<', '!' -> token();
            case '(' -> {
                at++;
                space(true);
                Expr inner = alternatives(true);
                if (peek() != ')') {
                    throw expected("')'");
                }
                at++;
                yield inner;
            }
            default -> null;
        };
    }

    private Expr repeated(Expr body, boolean nested) {
        int start = at;
        char c = source.charAt(at++);
        if (c == '{') {
            return counted(body, start, nested);
        }
        int max = c == '?' ? 1 : Expr.UNBOUNDED;
        return repeat(body, c == '+' ? 1 : 0, max, start);
    }

    private Expr counted(Expr body, int start, boolean nested) {
        space(nested);
        int min = count();
        int max = min;
        space(nested);
        if (peek() == ',') {
            at++;
            space(nested);
            max = isDigit(peek()) ? count() : Expr.UNBOUNDED;
            space(nested);
        }
        if (peek() != '}') {
            throw expected("',' or '}'");
        }
        at++;
        if (min > max) {
            throw problem(start, "a repetition of at least %d and at most %d".formatted(min, max));
        }
        return repeat(body, min, max, start);
    }

    /// Repetitions of repetitions grow inside each other as parentheses do.
    private Expr repeat(Expr body, int min, int max, int start) {
        int inside = 0;
        for (Expr e = body; e instanceof Expr.Repeat(Expr inner, int _, int _); e = inner) {
            inside++;
        }
        if (inside >= MOST_DEPTH) {
            throw problem(start, "more than %d repetitions of each other".formatted(MOST_DEPTH));
        }
        return new Expr.Repeat(body, min, max);
    }

    private int count() {
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

    private Expr literal() {
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

    private CharSet set() {
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
    private Expr token() {
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

    private String name() {
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
    private void space(boolean lines) {
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

    private boolean end() {
        return at >= source.length();
    }

    /// {@return the next character; U+0000 at the end}
    private char peek() {
        return end() ? '\0' : source.charAt(at);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isWord(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || isDigit(c);
    }
}
