package dev.jinrai.grammar;

import java.util.ArrayList;
import java.util.List;

/// What a rule says: which texts it stands for.
sealed interface Expr {
    /// The bound of a [Repeat] that has none.
    int UNBOUNDED = Integer.MAX_VALUE;

    Expr EMPTY = new Sequence(List.of());

    /// One character of a set.
    record Chars(CharSet set) implements Expr {}

    /// These characters.
    record Text(String text) implements Expr {}

    /// One after the other; none is the empty text.
    record Sequence(List<Expr> parts) implements Expr {
        public Sequence {
            parts = List.copyOf(parts);
        }
    }

    /// Any one of these, of which there is at least one.
    record Choice(List<Expr> options) implements Expr {
        public Choice {
            options = List.copyOf(options);
        }
    }

    /// `min` to `max` times.
    record Repeat(Expr body, int min, int max) implements Expr {}

    /// What the rule of this name says.
    record Rule(String name) implements Expr {}

    /// One token of the vocabulary, whatever its text; or with `not` any other that has text.
    ///
    /// @param name `<[17]>` by its id, `<think>` by its text
    record Token(String name, boolean not) implements Expr {}

    static Expr text(String text) {
        return new Text(text);
    }

    static Expr chars(String characters) {
        return new Chars(CharSet.of(characters));
    }

    static Expr range(int from, int to) {
        return new Chars(CharSet.of(from, to));
    }

    static Expr sequence(Expr... parts) {
        return sequence(List.of(parts));
    }

    static Expr sequence(List<Expr> parts) {
        return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
    }

    static Expr choice(Expr... options) {
        return choice(List.of(options));
    }

    static Expr choice(List<Expr> options) {
        return options.size() == 1 ? options.getFirst() : new Choice(options);
    }

    static Expr optional(Expr body) {
        return new Repeat(body, 0, 1);
    }

    /// `min` to `max` of `body` with `separator` between them.
    static Expr list(Expr body, Expr separator, int min, int max) {
        if (max == 0) {
            return EMPTY;
        }
        int most = max == UNBOUNDED ? UNBOUNDED : max - 1;
        List<Expr> parts = new ArrayList<>();
        parts.add(body);
        if (most > 0) {
            parts.add(new Repeat(sequence(separator, body), Math.max(0, min - 1), most));
        }
        return min == 0 ? optional(sequence(parts)) : sequence(parts);
    }
}
