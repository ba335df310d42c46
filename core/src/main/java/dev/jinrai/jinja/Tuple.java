package dev.jinrai.jinja;

import java.util.List;
import java.util.Optional;

/// Python's tuple.
///
/// @param names of the items, if it is a named tuple
record Tuple(List<Object> items, List<String> names) {
    Tuple(List<Object> items) {
        this(items, List.of());
    }

    static Tuple of(Object... items) {
        return new Tuple(List.of(items));
    }

    /// What `groupby` gives for each group.
    static Tuple group(Object grouper, List<Object> list) {
        return new Tuple(List.of(grouper, list), List.of("grouper", "list"));
    }

    Optional<Object> named(String name) {
        int at = names.indexOf(name);
        return at < 0 ? Optional.empty() : Optional.of(items.get(at));
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
        return other instanceof Tuple tuple && items.equals(tuple.items);
    }

    @Override
    public int hashCode() {
        return items.hashCode();
    }
}
