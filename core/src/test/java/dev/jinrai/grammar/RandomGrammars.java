package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Rules at random, over few characters of one to four bytes.
final class RandomGrammars {
    static final String ALPHABET = "abcé日😀";
    private final Random random;

    RandomGrammars(Random random) {
        this.random = random;
    }

    /// {@return rules; some are not fit for a grammar}
    Map<String, Expr> rules() {
        int count = 1 + random.nextInt(4);
        Map<String, Expr> rules = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            rules.put(name(i), expr(3, count));
        }
        return rules;
    }

    private static String name(int rule) {
        return rule == 0 ? "root" : "r" + rule;
    }

    /// @param rules how many may be called; 0 for an expression that is regular
    Expr expr(int depth, int rules) {
        int kind = random.nextInt(depth == 0 ? 3 : 8);
        return switch (kind) {
            case 0 -> Expr.text(text(random.nextInt(4)));
            case 1 -> chars();
            case 2 -> rules == 0 ? chars() : new Expr.Rule(name(random.nextInt(rules)));
            case 3, 4 -> Expr.sequence(exprs(depth, rules));
            case 5 -> Expr.choice(exprs(depth, rules));
            default -> {
                int min = random.nextInt(3);
                int max = random.nextInt(3) == 0 ? Expr.UNBOUNDED : min + random.nextInt(4);
                yield new Expr.Repeat(expr(depth - 1, rules), min, max);
            }
        };
    }

    private List<Expr> exprs(int depth, int rules) {
        List<Expr> exprs = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            exprs.add(expr(depth - 1, rules));
        }
        return exprs;
    }

    private Expr chars() {
        CharSet set = CharSet.of(text(1 + random.nextInt(3)));
        return new Expr.Chars(random.nextInt(4) == 0 ? set.complement() : set);
    }

    String text(int length) {
        var text = new StringBuilder();
        int[] characters = ALPHABET.codePoints().toArray();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(characters[random.nextInt(characters.length)]);
        }
        return text.toString();
    }
}
