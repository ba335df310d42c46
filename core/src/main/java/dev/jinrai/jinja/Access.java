package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Attributes, items and slices.
final class Access {
    private final Budget budget;

    Access(Budget budget) {
        this.budget = budget;
    }

    /// What a method is that would change its object: templates are rendered as in Jinja's immutable
    /// sandbox, where it cannot be used.
    static Undefined unsafe(String type, String name) {
        return new Undefined(
                "'%s' of a %s would change it, which a template may not".formatted(name, type));
    }

    /// {@return `of.name`: a method or an attribute, else an item}
    Object attribute(Object of, String name) {
        return own(of, name).or(() -> item(of, name)).orElseGet(() -> missing(of, name));
    }

    /// {@return `of[index]`: an item, else an attribute}
    Object subscript(Object of, Object index) {
        Optional<Object> item = item(of, index);
        if (item.isEmpty() && Texts.is(index)) {
            item = own(of, Texts.of(index));
        }
        return item.orElseGet(() -> missing(of, index));
    }

    /// {@return `of.name`, but never an item}
    Object ownAttribute(Object of, String name) {
        return own(of, name).orElseGet(() -> missing(of, name));
    }

    private static Undefined missing(Object of, Object name) {
        return new Undefined(() -> {
            String what = Types.object(of);
            if (Texts.is(name)) {
                return "'%s' has no attribute '%s'"
                        .formatted(what, Texts.beginning(Texts.of(name)));
            }
            return name instanceof Long
                    ? "'%s' has no element %s".formatted(what, name)
                    : "'%s' has no element for a %s".formatted(what, Types.name(name));
        });
    }

    private Optional<Object> own(Object of, String name) {
        return switch (of) {
            case Undefined undefined -> throw undefined.problem();
            case String _, Markup _ -> StringMethods.find(of, name, budget);
            case Map<?, ?> map -> Dicts.method(map, name, budget);
            case Namespace namespace -> Optional.ofNullable(namespace.fields.get(name));
            case Loop loop -> Optional.of(loop.attribute(name));
            case Macro macro -> macro.attribute(name);
            case Range _ -> sequenceMethod(of, "range", name);
            case List<?> _ -> sequenceMethod(of, "list", name);
            case Tuple tuple -> tuple.named(name).or(() -> sequenceMethod(of, "tuple", name));
            default -> Optional.empty();
        };
    }

    private Optional<Object> sequenceMethod(Object of, String type, String name) {
        boolean reads = name.equals("index") || name.equals("count");
        if (!type.equals("list") && !reads) {
            return Optional.empty();
        }
        return switch (name) {
            case "index" -> Optional.of((Function) args -> index(of, args));
            case "count" -> Optional.of((Function) args -> count(of, args));
            case "copy" -> Optional.of((Function) _ -> of);
            case "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" ->
                    Optional.of(unsafe(type, name));
            default -> Optional.empty();
        };
    }

    private Object index(Object of, Args args) {
        Object wanted = args.positional("index").bind("index", "value").need("value");
        List<Object> items = Iteration.of(of, budget);
        for (int i = 0; i < items.size(); i++) {
            if (Comparing.equal(items.get(i), wanted, budget)) {
                return (long) i;
            }
        }
        throw new Problem(Printing.repr(wanted, budget) + " is not in the list");
    }

    private Object count(Object of, Args args) {
        Object wanted = args.positional("count").bind("count", "value").need("value");
        return Iteration.of(of, budget).stream()
                .filter(item -> Comparing.equal(item, wanted, budget))
                .count();
    }

    private Optional<Object> item(Object of, Object index) {
        Undefined.check(of);
        if (of instanceof Map<?, ?> map) {
            boolean key = !(index instanceof List<?> || index instanceof Map<?, ?>);
            return key ? Optional.ofNullable(map.get(Dicts.key(index, budget))) : Optional.empty();
        }
        if (!sequence(of) || !Numbers.isInteger(index)) {
            return Optional.empty();
        }
        if (Texts.is(of)) {
            return character(of, Numbers.index(index));
        }
        List<Object> items = Iteration.of(of, budget);
        long at = Numbers.index(index);
        at += at < 0 ? items.size() : 0;
        return at >= 0 && at < items.size() ? Optional.of(items.get((int) at)) : Optional.empty();
    }

    private static boolean sequence(Object of) {
        return Texts.is(of) || of instanceof List<?> || of instanceof Tuple;
    }

    private Optional<Object> character(Object of, long index) {
        String text = Texts.of(of);
        budget.scan(text.length());
        int length = Texts.length(text);
        long at = index < 0 ? index + length : index;
        if (at < 0 || at >= length) {
            return Optional.empty();
        }
        int start = text.offsetByCodePoints(0, (int) at);
        int end = text.offsetByCodePoints(start, 1);
        return Optional.of(Texts.like(of, text.substring(start, end)));
    }

    /// {@return `of[start:stop:step]`}
    Object slice(Object of, Optional<Object> start, Optional<Object> stop, Optional<Object> step) {
        Undefined.check(of);
        if (!sequence(of)) {
            throw new Problem(
                    of instanceof Map<?, ?>
                            ? "a dict has no slices"
                            : "'%s' object is not subscriptable".formatted(Types.name(of)));
        }
        long by = step.map(Access::bound).orElse(Optional.empty()).orElse(1L);
        if (by == 0) {
            throw new Problem("slice step cannot be zero");
        }
        Optional<Long> from = start.flatMap(Access::bound);
        Optional<Long> to = stop.flatMap(Access::bound);
        int size = (int) Iteration.length(of);
        long first = from.map(n -> clamp(n, size, by)).orElse(by > 0 ? 0L : size - 1L);
        long end = to.map(n -> clamp(n, size, by)).orElse(by > 0 ? size : -1L);
        return switch (of) {
            case Tuple tuple -> new Tuple(items(tuple.items(), first, end, by));
            case Range range -> range.slice(first, end, by);
            case List<?> _ -> items(Iteration.of(of, budget), first, end, by);
            default -> Texts.like(of, characters(Texts.of(of), first, end, by));
        };
    }

    private static Optional<Long> bound(Object value) {
        return value == None.NONE ? Optional.empty() : Optional.of(Numbers.index(value));
    }

    private static long clamp(long index, int size, long step) {
        long at = index < 0 ? index + size : index;
        return step > 0 ? Math.clamp(at, 0, size) : Math.clamp(at, -1, size - 1);
    }

    private List<Object> items(List<Object> of, long start, long stop, long step) {
        List<Object> items = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            items.add(of.get((int) i));
        }
        budget.elements(items.size());
        return items;
    }

    private String characters(String text, long start, long stop, long step) {
        budget.scan(text.length());
        if (step == 1) {
            if (start >= stop) {
                return "";
            }
            int from = text.offsetByCodePoints(0, (int) start);
            String part = text.substring(from, text.offsetByCodePoints(from, (int) (stop - start)));
            budget.characters(part.length());
            return part;
        }
        int[] all = text.codePoints().toArray();
        budget.characters(all.length);
        StringBuilder part = new StringBuilder();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            part.appendCodePoint(all[(int) i]);
        }
        return part.toString();
    }
}
