package dev.jinrai.jinja;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Items that are taken when they are asked for.
final class Sequences {
    private Sequences() {}

    /// {@return the items for which `test` holds; it is asked no earlier than needed}
    static Iterator<Object> filter(Iterator<Object> items, Predicate<Object> test) {
        return new Iterator<>() {
            private @Nullable Object next;

            @Override
            public boolean hasNext() {
                while (next == null && items.hasNext()) {
                    Object item = items.next();
                    next = test.test(item) ? item : null;
                }
                return next != null;
            }

            @Override
            public Object next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                Object item = next;
                next = null;
                return item;
            }
        };
    }
}
