package dev.jinrai.jinja;

import java.util.List;

/// Python's tuple.
record Tuple(List<Object> items) {
    static Tuple of(Object... items) {
        return new Tuple(List.of(items));
    }
}
