package dev.jinrai.jinja;

import java.util.List;

/// What filters like `map` and `select` give: it can be gone through once, has no length, and is
/// true even when nothing is in it, as Python's generators.
final class Lazy {
    private List<Object> items;

    Lazy(List<Object> items) {
        this.items = items;
    }

    List<Object> take() {
        List<Object> taken = items;
        items = List.of();
        return taken;
    }

    /// {@return the first item, which is gone then, or `otherwise`}
    Object next(Object otherwise) {
        if (items.isEmpty()) {
            return otherwise;
        }
        Object first = items.getFirst();
        items = items.subList(1, items.size());
        return first;
    }
}
