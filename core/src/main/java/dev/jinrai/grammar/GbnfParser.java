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

    private final GbnfScanner in;
    private final Map<String, Expr> rules = new LinkedHashMap<>();

    /// Where each rule begins, and where each is first called.
    private final Map<String, Integer> defined = new HashMap<>();

    private final Map<String, Integer> called = new LinkedHashMap<>();
    private int depth;

    private GbnfParser(String source) {
        this.in = new GbnfScanner(source);
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
            throw parser.in.problem(
                    parser.defined.getOrDefault(e.rule(), 0), String.valueOf(e.getMessage()));
        }
    }

    private void grammar() {
        in.space(true);
        while (!in.end()) {
            rule();
            in.space(true);
        }
        called.forEach((name, offset) -> {
            if (!rules.containsKey(name)) {
                throw in.problem(offset, "there is no rule '%s'".formatted(name));
            }
        });
        if (!rules.containsKey("root")) {
            throw in.problem(0, "there is no rule 'root', which a grammar begins with");
        }
    }

    private void rule() {
        int start = in.at;
        if (in.peek() == '|') {
            throw in.problem(
                    in.at, "a line cannot begin with '|'; put it at the end of the line before");
        }
        String name = in.name();
        in.space(false);
        if (!in.passes("::=")) {
            throw in.expected("'::=' behind the name of a rule");
        }
        in.space(true);
        Integer before = defined.putIfAbsent(name, start);
        if (before != null) {
            throw in.problem(start, "rule '%s' is there twice".formatted(name));
        }
        rules.put(name, alternatives(false));
        if (!in.end() && in.peek() != '\n' && in.peek() != '\r') {
            throw in.expected("an item, '|' or the end of the line");
        }
    }

    private Expr alternatives(boolean nested) {
        if (++depth > MOST_DEPTH + 1) {
            throw in.problem(
                    in.at, "more than %d parentheses inside each other".formatted(MOST_DEPTH));
        }
        List<Expr> options = new ArrayList<>();
        options.add(sequence(nested));
        while (in.peek() == '|') {
            in.at++;
            in.space(true);
            options.add(sequence(nested));
        }
        depth--;
        return Expr.choice(options);
    }

    private Expr sequence(boolean nested) {
        List<Expr> parts = new ArrayList<>();
        while (!in.end()) {
            char c = in.peek();
            if (c == '*' || c == '+' || c == '?' || c == '{') {
                if (parts.isEmpty()) {
                    throw in.problem(
                            in.at, "'%s' wants something before it that it repeats".formatted(c));
                }
                parts.add(repeated(parts.removeLast(), nested));
            } else {
                Expr item = item(c);
                if (item == null) {
                    break;
                }
                parts.add(item);
            }
            in.space(nested);
        }
        return Expr.sequence(parts);
    }

    private @Nullable Expr item(char c) {
        if (GbnfScanner.isWord(c)) {
            int start = in.at;
            String name = in.name();
            called.putIfAbsent(name, start);
            return new Expr.Rule(name);
        }
        return switch (c) {
            case '"' -> in.literal();
            case '[' -> new Expr.Chars(in.set());
            case '.' -> {
                in.at++;
                yield new Expr.Chars(CharSet.ALL);
            }
            case '<', '!' -> in.token();
            case '(' -> {
                in.at++;
                in.space(true);
                Expr inner = alternatives(true);
                if (in.peek() != ')') {
                    throw in.expected("')'");
                }
                in.at++;
                yield inner;
            }
            default -> null;
        };
    }

    private Expr repeated(Expr body, boolean nested) {
        int start = in.at;
        char c = in.peek();
        in.at++;
        if (c == '{') {
            return counted(body, start, nested);
        }
        int max = c == '?' ? 1 : Expr.UNBOUNDED;
        return repeat(body, c == '+' ? 1 : 0, max, start);
    }

    private Expr counted(Expr body, int start, boolean nested) {
        in.space(nested);
        int min = in.count();
        int max = min;
        in.space(nested);
        if (in.peek() == ',') {
            in.at++;
            in.space(nested);
            max = GbnfScanner.isDigit(in.peek()) ? in.count() : Expr.UNBOUNDED;
            in.space(nested);
        }
        if (in.peek() != '}') {
            throw in.expected("',' or '}'");
        }
        in.at++;
        if (min > max) {
            throw in.problem(
                    start, "a repetition of at least %d and at most %d".formatted(min, max));
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
            throw in.problem(start, "more than %d repetitions of each other".formatted(MOST_DEPTH));
        }
        return new Expr.Repeat(body, min, max);
    }
}
