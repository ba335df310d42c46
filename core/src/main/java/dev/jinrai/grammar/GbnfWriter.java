package dev.jinrai.grammar;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// Rules as GBNF, the root first.
final class GbnfWriter {
    private final Map<String, Expr> rules;
    private final String root;
    private final Map<String, String> names = new HashMap<>();
    private final StringBuilder out = new StringBuilder();

    GbnfWriter(Map<String, Expr> rules, String root) {
        this.rules = rules;
        this.root = root;
    }

    String write() {
        Set<String> taken = new HashSet<>(Set.of("root"));
        names.put(root, "root");
        for (String rule : rules.keySet()) {
            if (!rule.equals(root)) {
                names.put(rule, free(rule.replaceAll("[^a-zA-Z0-9]+", "-"), taken));
            }
        }
        rule(root);
        rules.keySet().stream().filter(name -> !name.equals(root)).forEach(this::rule);
        return out.toString();
    }

    private static String free(String wanted, Set<String> taken) {
        String name = wanted;
        for (int n = 2; !taken.add(name); n++) {
            name = wanted + "-" + n;
        }
        return name;
    }

    private void rule(String rule) {
        out.append(names.get(rule)).append(" ::= ");
        Expr expr = rules.getOrDefault(rule, Expr.EMPTY);
        if (expr instanceof Expr.Choice(List<Expr> options)) {
            out.append(options.stream().map(this::sequence).collect(Collectors.joining(" | ")));
        } else {
            out.append(sequence(expr));
        }
        out.append('\n');
    }

    private String sequence(Expr expr) {
        return expr instanceof Expr.Sequence(List<Expr> parts) && !parts.isEmpty()
                ? parts.stream().map(this::item).collect(Collectors.joining(" "))
                : item(expr);
    }

    /// {@return it as one item, to which a repetition may be put}
    private String item(Expr expr) {
        return switch (expr) {
            case Expr.Text(String text) -> quoted(text);
            case Expr.Chars(CharSet set) -> set(set);
            case Expr.Sequence(List<Expr> parts) ->
                    parts.isEmpty() ? "\"\"" : "(" + sequence(expr) + ")";
            case Expr.Choice(List<Expr> options) ->
                    options.stream()
                            .map(this::sequence)
                            .collect(Collectors.joining(" | ", "(", ")"));
            case Expr.Repeat(Expr body, int min, int max) -> item(body) + times(min, max);
            case Expr.Rule(String name) -> String.valueOf(names.get(name));
            case Expr.Token(String name, boolean not) -> (not ? "!" : "") + name;
        };
    }

    private static String times(int min, int max) {
        if (max == Expr.UNBOUNDED) {
            return min == 0 ? "*" : min == 1 ? "+" : "{" + min + ",}";
        }
        return min == 0 && max == 1
                ? "?"
                : min == max ? "{" + min + "}" : "{" + min + "," + max + "}";
    }

    private static String quoted(String text) {
        return text.codePoints()
                .mapToObj(c -> character(c, "\"\\"))
                .collect(Collectors.joining("", "\"", "\""));
    }

    private static String set(CharSet set) {
        if (set.equals(CharSet.ALL)) {
            return ".";
        }
        CharSet rest = set.complement();
        boolean not = rest.ranges().length < set.ranges().length && !rest.isEmpty();
        var text = new StringBuilder(not ? "[^" : "[");
        int[] bounds = (not ? rest : set).ranges();
        for (int i = 0; i < bounds.length; i += 2) {
            text.append(character(bounds[i], "\\[]-^"));
            if (bounds[i + 1] > bounds[i]) {
                text.append(bounds[i + 1] > bounds[i] + 1 ? "-" : "");
                text.append(character(bounds[i + 1], "\\[]-^"));
            }
        }
        return text.append(']').toString();
    }

    private static String character(int c, String escaped) {
        if (c == '^' && escaped.indexOf('^') >= 0) {
            return "\\x5E"; // it has no escape of its own
        }
        if (escaped.indexOf(c) >= 0) {
            return "\\" + (char) c;
        }
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> {
                if (c >= 0x20 && c < 0x7F) {
                    yield Character.toString(c);
                }
                yield c < 0x100
                        ? "\\x%02X".formatted(c)
                        : c < 0x10000 ? "\\u%04X".formatted(c) : "\\U%08X".formatted(c);
            }
        };
    }
}
