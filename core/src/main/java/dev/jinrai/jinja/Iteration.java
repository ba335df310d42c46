package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// Going through a value.
final class Iteration {
    private Iteration() {}

    static boolean can(Object value) {
        return Texts.is(value)
                || value instanceof List<?>
                || value instanceof Map<?, ?>
                || value instanceof Tuple
                || value instanceof View
                || value instanceof Lazy
                || value instanceof Loop
                || value instanceof Undefined;
    }

    /// {@return the items: of a string its characters, of a dict its keys}
    @SuppressWarnings("unchecked")
    static List<Object> of(Object value, Budget budget) {
        return switch (value) {
            case List<?> list -> (List<Object>) list;
            case Tuple tuple -> tuple.items();
            case View view -> view.items(budget);
            case Lazy lazy -> lazy.take();
            case Map<?, ?> map -> {
                budget.elements(map.size());
                List<Object> keys = new ArrayList<>(map.size());
                Dicts.keys(map).forEachRemaining(keys::add);
                yield keys;
            }
            case String text -> characters(text, budget);
            case Markup markup -> characters(markup.text(), budget);
            case Undefined _ -> List.of();
            default ->
                    throw new Problem("'%s' object is not iterable".formatted(Types.name(value)));
        };
    }

    /// {@return what a loop goes through, taken as it goes}
    static Iterator<Object> iterator(Object value, Budget budget) {
        return switch (value) {
            case Lazy lazy -> lazy;
            case Map<?, ?> map -> Dicts.keys(map);
            case View view -> view.iterator();
            default -> of(value, budget).iterator();
        };
    }

    /// {@return Python's `len`, if the value has one}
    static OptionalLong knownLength(Object value) {
        return value instanceof Lazy || value instanceof Loop
                ? OptionalLong.empty()
                : OptionalLong.of(length(value));
    }

    private static List<Object> characters(String text, Budget budget) {
        budget.elements(text.length());
        List<Object> characters = new ArrayList<>();
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    /// {@return Python's `len`}
    static long length(Object value) {
        return switch (value) {
            case List<?> list -> list.size();
            case Tuple tuple -> tuple.items().size();
            case View view -> view.size();
            case Map<?, ?> map -> map.size();
            case String text -> Texts.length(text);
            case Markup markup -> Texts.length(markup.text());
            case Undefined _ -> 0;
            default ->
                    throw new Problem(
                            "object of type '%s' has no length".formatted(Types.name(value)));
        };
    }
}
