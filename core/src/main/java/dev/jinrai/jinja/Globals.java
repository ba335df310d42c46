package dev.jinrai.jinja;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The functions every template has.
final class Globals {
    private Globals() {}

    static Map<String, Function> functions(Budget budget, Clock clock) {
        return Map.of(
                "range", Globals::range,
                "namespace", args -> namespace(args, budget),
                "dict", args -> dict(args, budget),
                "joiner", args -> joiner(args),
                "cycler", args -> new Cycler(args.positional()).namespace(),
                "raise_exception", Globals::raise,
                "strftime_now", args -> now(args, budget, clock));
    }

    private static Object range(Args args) {
        List<Object> given = args.positional();
        if (given.isEmpty() || given.size() > 3 || !args.named().isEmpty()) {
            throw new Problem("range takes one to three arguments");
        }
        long first = Numbers.index(given.getFirst());
        return given.size() == 1
                ? new Range(0, first, 1)
                : new Range(
                        first,
                        Numbers.index(given.get(1)),
                        given.size() == 3 ? Numbers.index(given.get(2)) : 1);
    }

    private static Map<Object, Object> dict(Args args, Budget budget) {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (Object given : args.positional()) {
            if (given instanceof Map<?, ?> other) {
                map.putAll(other);
            } else {
                for (Object pair : Iteration.of(given, budget)) {
                    List<Object> both = Iteration.of(pair, budget);
                    if (both.size() != 2) {
                        throw new Problem("dict needs pairs");
                    }
                    map.put(Dicts.key(both.get(0), budget), both.get(1));
                }
            }
        }
        map.putAll(args.named());
        budget.elements(2L * map.size());
        return map;
    }

    private static Namespace namespace(Args args, Budget budget) {
        Namespace namespace = new Namespace();
        dict(args, budget)
                .forEach((key, value) ->
                        namespace.fields.put(Texts.need(key, "namespace: a name"), value));
        return namespace;
    }

    private static Function joiner(Args args) {
        Object separator = args.bind("joiner", "sep").or("sep", ", ");
        boolean[] used = {false};
        return _ -> {
            boolean first = !used[0];
            used[0] = true;
            return first ? "" : separator;
        };
    }

    private static Object raise(Args args) {
        throw new Problem(args.bind("raise_exception", "message").text("message"));
    }

    private static Object now(Args args, Budget budget, Clock clock) {
        String format = args.bind("strftime_now", "format").text("format");
        budget.characters(32L * format.length());
        return Strftime.format(LocalDateTime.now(clock), format);
    }

    /// `cycler(…)`: `next()`, `reset()` and `current`.
    private static final class Cycler {
        private final List<Object> items;
        private final Namespace namespace = new Namespace();
        private int at;

        Cycler(List<Object> items) {
            if (items.isEmpty()) {
                throw new Problem("cycler needs items");
            }
            this.items = items;
        }

        Namespace namespace() {
            namespace.fields.put("next", (Function) _ -> move((at + 1) % items.size()));
            namespace.fields.put(
                    "reset",
                    (Function)
                            _ -> {
                                move(0);
                                return None.NONE;
                            });
            namespace.fields.put("current", items.getFirst());
            return namespace;
        }

        private Object move(int to) {
            Object current = items.get(at);
            at = to;
            namespace.fields.put("current", items.get(at));
            return current;
        }
    }
}
