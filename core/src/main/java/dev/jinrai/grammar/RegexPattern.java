package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A regular expression of a schema (`pattern`; ECMA-262), as far as it is regular: texts, classes, groups, alternatives, repetitions, `^` and
/// `$` at the ends. Its characters are those of a JSON text, escaped where JSON wants it.
final class RegexPattern {
    private static final int MOST_DEPTH = 100;
    private static final CharSet DIGITS = CharSet.of('0', '9');
    private static final CharSet WORD = CharSet.of('0', '9', 'a', 'z', 'A', 'Z', '_', '_');
    private static final CharSet WHITE =
            CharSet.of(
                    '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028,
                    0x2029, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);

    /// White space to some readers: ECMA's U+FEFF is none to Python, whose U+0085 and U+001C to U+001F are none to ECMA.
    private static final CharSet DISPUTED = CharSet.of(0x1C, 0x1F, 0x85, 0x85, 0xFEFF, 0xFEFF);

    private static final CharSet LINE_ENDS = CharSet.of('\n', '\n', '\r', '\r', 0x2028, 0x2029);
    private static final Map<Integer, String> ESCAPED =
            Map.of(
                    (int) '"',
                    "\\\"",
                    (int) '\\',
                    "\\\\",
                    (int) '\b',
                    "\\b",
                    (int) '\f',
                    "\\f",
                    (int) '\n',
                    "\\n",
                    (int) '\r',
                    "\\r",
                    (int) '\t',
                    "\\t");

    private final String pattern;
    private final SchemaKeywords schema;
    private int at;
    private int depth;

    private RegexPattern(String pattern, SchemaKeywords schema) {
        this.pattern = pattern;
        this.schema = schema;
    }

    /// {@return what stands between the quotes}
    ///
    /// @throws GrammarException if it is none, or cannot be enforced
    static Expr parse(String pattern, SchemaKeywords schema) {
        var regex = new RegexPattern(pattern, schema);
        Expr expr = regex.whole();
        if (regex.at < pattern.length()) {
            throw regex.problem("wanted its end, got '%s'".formatted(regex.peek()));
        }
        return expr;
    }

    private GrammarException problem(String what) {
        return schema.problem("'pattern' at character %d: %s".formatted(at + 1, what));
    }

    /// An alternative without an anchor matches anywhere in the text.
    private Expr whole() {
        Expr any = new Expr.Repeat(JsonRules.CHARACTER, 0, Expr.UNBOUNDED);
        List<Expr> options = new ArrayList<>();
        do {
            boolean start = take("^");
            Expr inner = sequence();
            boolean end = take("$");
            options.add(Expr.sequence(start ? Expr.EMPTY : any, inner, end ? Expr.EMPTY : any));
        } while (take("|"));
        return Expr.choice(options);
    }

    private Expr alternatives() {
        if (++depth > MOST_DEPTH) {
            throw problem("more than %d groups inside each other".formatted(MOST_DEPTH));
        }
        List<Expr> options = new ArrayList<>();
        do {
            options.add(sequence());
        } while (take("|"));
        depth--;
        return Expr.choice(options);
    }

    private Expr sequence() {
        List<Expr> parts = new ArrayList<>();
        while (at < pattern.length() && ")|$".indexOf(peek()) < 0) {
            parts.add(repeated(atom()));
        }
        return Expr.sequence(parts);
    }

    private Expr atom() {
        if (take("(")) {
            if (!take("?:") && peek() == '?') {
                throw problem("'(?' begins what is not regular, or a name; it cannot be enforced");
            }
            Expr inner = alternatives();
            if (!take(")")) {
                throw problem("wanted ')'");
            }
            return inner;
        }
        if (peek() == '[') {
            return escaped(set());
        }
        if (take(".")) {
            return escaped(LINE_ENDS.complement());
        }
        if (take("^")) {
            at--;
            throw problem("'^' and '$' inside a pattern cannot be enforced");
        }
        if ("*+?{}]".indexOf(peek()) >= 0) {
            throw problem("'%s' wants something before it".formatted(peek()));
        }
        return escaped(character());
    }

    private Expr repeated(Expr body) {
        Expr repeated = body;
        if (take("*")) {
            repeated = new Expr.Repeat(body, 0, Expr.UNBOUNDED);
        } else if (take("+")) {
            repeated = new Expr.Repeat(body, 1, Expr.UNBOUNDED);
        } else if (take("?")) {
            repeated = Expr.optional(body);
        } else if (take("{")) {
            int min = count();
            int max = min;
            if (take(",")) {
                max = peek() == '}' ? Expr.UNBOUNDED : count();
            }
            if (!take("}") || min > max) {
                throw problem("wanted a repetition {m}, {m,} or {m,n}");
            }
            repeated = new Expr.Repeat(body, min, max);
        } else {
            return body;
        }
        take("?"); // as few as possible: the same texts
        if ("*+?{".indexOf(peek()) >= 0 && at < pattern.length()) {
            throw problem("a repetition of a repetition");
        }
        return repeated;
    }

    private int count() {
        int start = at;
        while (peek() >= '0' && peek() <= '9' && at - start < 9) {
            at++;
        }
        if (at == start) {
            throw problem("wanted a count");
        }
        return Integer.parseInt(pattern.substring(start, at));
    }

    private CharSet set() {
        at++;
        boolean not = take("^");
        IntStream.Builder bounds = IntStream.builder();
        while (!take("]")) {
            if (at >= pattern.length()) {
                throw problem("a character class without its ']'");
            }
            CharSet from = character();
            boolean range =
                    peek() == '-' && at + 1 < pattern.length() && pattern.charAt(at + 1) != ']';
            if (range) {
                at++;
                from = range(from, character());
            }
            for (int bound : from.ranges()) {
                bounds.add(bound);
            }
        }
        CharSet set = CharSet.of(bounds.build().toArray());
        return not ? set.complement() : set;
    }

    private CharSet range(CharSet from, CharSet to) {
        int[] a = from.ranges();
        int[] b = to.ranges();
        if (a.length != 2 || b.length != 2 || a[0] != a[1] || b[0] != b[1] || a[0] > b[0]) {
            throw problem("a range wants two characters in their order");
        }
        return CharSet.of(a[0], b[0]);
    }

    /// One character, or a class such as `\d`.
    private CharSet character() {
        if (!take("\\")) {
            int c = pattern.codePointAt(at);
            at += Character.charCount(c);
            return CharSet.of(c, c);
        }
        if (at >= pattern.length()) {
            throw problem("an escape of nothing");
        }
        char c = pattern.charAt(at++);
        return switch (c) {
            case 'd' -> DIGITS;
            case 'D' -> DIGITS.complement();
            case 'w' -> WORD;
            case 'W' -> WORD.complement();
            case 's' -> WHITE.minus(DISPUTED);
            case 'S' -> WHITE.complement().minus(DISPUTED);
            case 't' -> CharSet.of("\t");
            case 'n' -> CharSet.of("\n");
            case 'r' -> CharSet.of("\r");
            case 'f' -> CharSet.of("\f");
            case 'v' -> CharSet.of("\u000B");
            case 'x' -> hex(2);
            case 'u' -> hex(4);
            default -> {
                if (Character.isLetterOrDigit(c)) {
                    at--;
                    throw problem("'\\%s' cannot be enforced".formatted(c));
                }
                yield CharSet.of(c, c);
            }
        };
    }

    private CharSet hex(int digits) {
        String text = pattern.substring(at, Math.min(pattern.length(), at + digits));
        if (!text.matches("[0-9a-fA-F]{" + digits + "}")) {
            throw problem("wanted %d hexadecimal digits".formatted(digits));
        }
        at += digits;
        int c = Integer.parseInt(text, 16);
        return CharSet.of(c, c);
    }

    /// {@return one of these characters, as JSON writes it}
    private Expr escaped(CharSet set) {
        List<Expr> options = new ArrayList<>();
        CharSet plain = set.minus(JsonRules.PLAIN.complement());
        if (!plain.isEmpty()) {
            options.add(new Expr.Chars(plain));
        }
        for (int c = 0; c < 0x80; c++) {
            if (set.contains(c) && ESCAPED.containsKey(c)) {
                options.add(Expr.text(ESCAPED.getOrDefault(c, "")));
            }
        }
        if (options.isEmpty()) {
            throw problem("a class of no character that JSON texts are written with");
        }
        return Expr.choice(options);
    }

    private boolean take(String text) {
        boolean there = pattern.startsWith(text, at);
        at += there ? text.length() : 0;
        return there;
    }

    /// {@return the next character; U+0000 at the end}
    private char peek() {
        return at < pattern.length() ? pattern.charAt(at) : '\0';
    }
}
