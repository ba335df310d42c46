package dev.jinrai.jinja;

/// What is left of the [Limits] of one rendering.
final class Budget {
    private final Limits limits;
    private long steps;
    private long memory;
    private int depth;

    Budget(Limits limits) {
        this.limits = limits;
    }

    void step() {
        step(1);
    }

    void step(long count) {
        steps += count;
        if (steps > limits.steps()) {
            throw new Problem("the template takes more than %,d steps".formatted(limits.steps()));
        }
    }

    /// Before `length` characters are read.
    void scan(long length) {
        step(1 + (length >> 6));
    }

    /// Before `length` characters are looked at one by one.
    void each(long length) {
        step(1 + (length >> 3));
    }

    /// Before `count` elements are stored.
    void elements(long count) {
        step(1 + (count >> 3));
        characters(Math.multiplyExact(8L, Math.min(count, Integer.MAX_VALUE)));
    }

    /// Before `count` characters are made.
    void characters(long count) {
        memory += count;
        if (memory > limits.memory()) {
            throw new Problem(
                    "the template makes more than %,d characters on the way"
                            .formatted(limits.memory()));
        }
    }

    void output(long length) {
        if (length > limits.output()) {
            throw new Problem("the text is longer than %,d characters".formatted(limits.output()));
        }
    }

    void enter() {
        if (++depth > limits.depth()) {
            throw new Problem("nested deeper than %,d levels".formatted(limits.depth()));
        }
    }

    void leave() {
        depth--;
    }
}
