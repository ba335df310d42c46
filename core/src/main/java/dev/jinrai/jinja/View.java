package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// What `keys()`, `values()` and `items()` of a dict give: the dict, seen in another way.
record View(Kind kind, Map<?, ?> of) {
    enum Kind {
        KEYS("dict_keys"),
        VALUES("dict_values"),
        ITEMS("dict_items");

        /// Python's name of it.
        final String type;

        Kind(String type) {
            this.type = type;
        }
    }

    int size() {
        return of.size();
    }

    @SuppressWarnings("unchecked")
    Iterator<Object> iterator() {
        return switch (kind) {
            case KEYS -> Dicts.keys(of);
            case VALUES -> (Iterator<Object>) of.values().iterator();
            case ITEMS ->
                    of.entrySet().stream()
                            .map(e -> (Object) Tuple.of(Dicts.shown(e.getKey()), e.getValue()))
                            .iterator();
        };
    }

    List<Object> items(Budget budget) {
        budget.elements((kind == Kind.ITEMS ? 3L : 1L) * of.size());
        List<Object> items = new ArrayList<>(of.size());
        iterator().forEachRemaining(items::add);
        return items;
    }
}
