package dev.jinrai.grammar;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Whether a text is one of some rules, by their definition: where each expression that begins at a place may end, in characters.
/// Nothing of the matcher is used.
final class Recogniser {
    private record Call(Expr expr, int from) {}

    private final Map<String, Expr> rules;
    private final Map<Call, Set<Integer>> known = new HashMap<>();
    private int[] text = {};

    Recogniser(Map<String, Expr> rules) {
        this.rules = rules;
    }

    boolean accepts(String whole) {
        text = whole.codePoints().toArray();
        known.clear();
        return ends(new Expr.Rule("root"), 0).contains(text.length);
    }

    private Set<Integer> ends(Expr expr, int from) {
        Set<Integer> before = known.get(new Call(expr, from));
        if (before != null) {
            return before;
        }
        Set<Integer> ends = new TreeSet<>();
        switch (expr) {
            case Expr.Text(String literal) -> {
                int[] wanted = literal.codePoints().toArray();
                boolean same = from + wanted.length <= text.length;
                for (int i = 0; same && i < wanted.length; i++) {
                    same = text[from + i] == wanted[i];
                }
                if (same) {
                    ends.add(from + wanted.length);
                }
            }
            case Expr.Chars(CharSet set) -> {
                if (from < text.length && set.contains(text[from])) {
                    ends.add(from + 1);
                }
            }
            case Expr.Sequence(List<Expr> parts) -> {
                ends.add(from);
                for (Expr part : parts) {
                    ends = step(part, ends);
                }
            }
            case Expr.Choice(List<Expr> options) -> {
                for (Expr option : options) {
                    ends.addAll(ends(option, from));
                }
            }
            case Expr.Repeat(Expr body, int min, int max) -> {
                Set<Integer> round = new TreeSet<>(List.of(from));
                for (int i = 0; i < min; i++) {
                    round = step(body, round);
                }
                ends.addAll(round);
                // Behind these, as many rounds as there are characters reach all that more would.
                for (int i = min; i < max && i <= min + text.length; i++) {
                    round = step(body, round);
                    ends.addAll(round);
                }
            }
            case Expr.Rule(String name) ->
                    ends.addAll(ends(rules.getOrDefault(name, Expr.EMPTY), from));
            case Expr.Token _ -> throw new AssertionError("no token is expected here");
        }
        known.put(new Call(expr, from), ends);
        return ends;
    }

    private Set<Integer> step(Expr expr, Set<Integer> froms) {
        Set<Integer> ends = new TreeSet<>();
        froms.forEach(from -> ends.addAll(ends(expr, from)));
        return ends;
    }
}
