package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Python's dict: keys, and the methods that change nothing.
final class Dicts {
    private Dicts() {}

    /// A number as a key: `1`, `1.0` and `true` are one, and the first that was used is shown.
    private record NumberKey(Object number) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof NumberKey key && Numbers.compare(number, key.number) == 0;
        }

        @Override
        public int hashCode() {
            return Double.hashCode(
                    number instanceof Double d
                            ? d == 0 ? 0.0 : d
                            : Numbers.big(number).doubleValue());
        }
    }

    /// {@return a key in the one form in which equal keys are equal in Java}
    static Object key(Object key, Budget budget) {
        return switch (key) {
            case String s -> s;
            case Markup m -> m.text();
            case None n -> n;
            case Undefined u -> u;
            case Range r -> {
                budget.step(r.size());
                yield r;
            }
            case Tuple t -> {
                budget.enter();
                budget.elements(t.items().size());
                List<Object> keys = new ArrayList<>(t.items().size());
                for (Object item : t.items()) {
                    budget.step();
                    keys.add(key(item, budget));
                }
                budget.leave();
                yield new Tuple(keys);
            }
            default -> {
                if (!Numbers.is(key)) {
                    throw new Problem("unhashable type: '%s'".formatted(Types.name(key)));
                }
                yield new NumberKey(key);
            }
        };
    }

    /// {@return the value that became this key}
    static Object shown(Object key) {
        return switch (key) {
            case NumberKey number -> number.number();
            case Tuple tuple -> new Tuple(tuple.items().stream().map(Dicts::shown).toList());
            default -> key;
        };
    }

    static Iterator<Object> keys(Map<?, ?> map) {
        Iterator<?> keys = map.keySet().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return keys.hasNext();
            }

            @Override
            public Object next() {
                return shown(keys.next());
            }
        };
    }

    /// {@return the value of a key that is there}
    static Object get(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value == null ? None.NONE : value;
    }

    static List<Object> items(Map<?, ?> map, Budget budget) {
        return new View(View.Kind.ITEMS, map).items(budget);
    }

    /// {@return a method, if dicts have it}
    static Optional<Object> method(Map<?, ?> map, String name, Budget budget) {
        Function method =
                switch (name) {
                    case "get" -> args -> get(map, args, budget);
                    case "items" ->
                            args -> {
                                args.bind("items");
                                return new View(View.Kind.ITEMS, map);
                            };
                    case "keys" ->
                            args -> {
                                args.bind("keys");
                                return new View(View.Kind.KEYS, map);
                            };
                    case "values" ->
                            args -> {
                                args.bind("values");
                                return new View(View.Kind.VALUES, map);
                            };
                    case "copy" ->
                            args -> {
                                args.bind("copy");
                                return map;
                            };
                    default -> args -> args;
                };
        return switch (name) {
            case "get", "items", "keys", "values", "copy" -> Optional.of(method);
            case "clear", "pop", "popitem", "setdefault", "update", "fromkeys" ->
                    Optional.of(Access.unsafe("dict", name));
            default -> Optional.empty();
        };
    }

    private static Object get(Map<?, ?> map, Args args, Budget budget) {
        Args.Bound bound = args.positional("get").bind("get", "key", "default");
        Object value = map.get(key(bound.need("key"), budget));
        return value == null ? bound.or("default", None.NONE) : value;
    }
}
