package dev.jinrai.jinja;

import java.util.Iterator;
import java.util.List;

/// What filters like `map` and `select` give: it can be gone through once, has no length, and is
/// true even when nothing is in it, as Python's generators.
final class Lazy implements Iterator<Object> {
    private final List<Object> items;
    private int next;

    Lazy(List<Object> items) {
        this.items = items;
    }

    /// {@return the items that are left, which are gone then}
    List<Object> take() {
        List<Object> taken = items.subList(next, items.size());
        next = items.size();
        return taken;
    }

    @Override
    public boolean hasNext() {
        return next < items.size();
    }

    @Override
    public Object next() {
        return items.get(next++);
    }
}
