package dev.jinrai.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Python's dict: keys, and the methods that change nothing.
final class Dicts {
    private Dicts() {}

    /// {@return a key in the one form in which equal keys are equal in Java}
    static Object key(Object key) {
        return switch (key) {
            case String s -> s;
            case Markup m -> m.text();
            case Long n -> n;
            case Boolean b -> b;
            case None n -> n;
            case BigInteger n -> n;
            case Double d ->
                    d == Math.rint(d) && Math.abs(d) < 1e15 ? (Object) (long) (double) d : d;
            case Undefined u -> u;
            case Tuple t -> {
                for (Object item : t.items()) {
                    if (item instanceof Tuple) {
                        throw new Problem("a tuple of tuples cannot be a key here");
                    }
                    key(item);
                }
                yield t;
            }
            default -> throw new Problem("unhashable type: '%s'".formatted(Types.name(key)));
        };
    }

    /// {@return the value of a key that is there}
    static Object get(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value == null ? None.NONE : value;
    }

    static List<Object> items(Map<?, ?> map, Budget budget) {
        budget.elements(map.size());
        return map.entrySet().stream()
                .map(e -> (Object) Tuple.of(e.getKey(), e.getValue()))
                .toList();
    }

    /// {@return a method, if dicts have it}
    static Optional<Object> method(Map<?, ?> map, String name, Budget budget) {
        Function method =
                switch (name) {
                    case "get" -> args -> get(map, args);
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

    private static Object get(Map<?, ?> map, Args args) {
        Args.Bound bound = args.bind("get", "key", "default");
        Object value = map.get(key(bound.need("key")));
        return value == null ? bound.or("default", None.NONE) : value;
    }
}
