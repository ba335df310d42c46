package dev.jinrai.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The filters that go through their input.
final class SequenceFilters {
    private final Budget budget;
    private final Access access;
    private final Tests tests;
    private final Filters filters;

    SequenceFilters(Budget budget, Access access, Tests tests, Filters filters) {
        this.budget = budget;
        this.access = access;
        this.tests = tests;
        this.filters = filters;
    }

    void register(Map<String, Filters.Filter> all) {
        all.put("length", this::length);
        all.put("count", this::length);
        all.put("first", this::first);
        all.put("last", this::last);
        all.put("list", (in, args) -> copy(in, args, "list"));
        all.put("join", this::join);
        all.put("items", this::items);
        all.put("dictsort", this::dictsort);
        all.put("sort", this::sort);
        all.put("unique", this::unique);
        all.put("reverse", this::reverse);
        all.put("min", (in, args) -> extreme(in, args, "min", -1));
        all.put("max", (in, args) -> extreme(in, args, "max", 1));
        all.put("sum", this::sum);
        all.put("map", this::map);
        all.put("select", (in, args) -> select(in, args, false, true));
        all.put("reject", (in, args) -> select(in, args, false, false));
        all.put("selectattr", (in, args) -> select(in, args, true, true));
        all.put("rejectattr", (in, args) -> select(in, args, true, false));
        all.put("groupby", this::groups);
        all.put("batch", this::batch);
        all.put("slice", this::slice);
    }

    private List<Object> each(Object input) {
        List<Object> items = Iteration.of(input, budget);
        budget.step(1 + items.size());
        return items;
    }

    /// Jinja's `map` and `select` take what is false, also `none`, as empty.
    private List<Object> eachIfAny(Object input) {
        return Truth.of(input) ? each(input) : List.of();
    }

    private List<Object> made(List<Object> items) {
        budget.elements(items.size());
        return items;
    }

    private Object length(Object input, Args args) {
        args.bind("length");
        if (Texts.is(input)) {
            budget.scan(Texts.of(input).length());
        }
        return Iteration.length(input);
    }

    private Object first(Object input, Args args) {
        args.bind("first");
        Object missing = new Undefined("no first item, the sequence is empty");
        if (input instanceof Lazy lazy) {
            return lazy.hasNext() ? lazy.next() : missing;
        }
        List<Object> items = each(input);
        return items.isEmpty() ? missing : items.getFirst();
    }

    private Object last(Object input, Args args) {
        args.bind("last");
        if (input instanceof Lazy) {
            throw new Problem("a generator has no last item; make a list of it first");
        }
        List<Object> items = each(input);
        return items.isEmpty()
                ? new Undefined("no last item, the sequence is empty")
                : items.getLast();
    }

    private List<Object> copy(Object input, Args args, String name) {
        args.bind(name);
        return made(new ArrayList<>(each(input)));
    }

    private Object join(Object input, Args args) {
        Args.Bound bound = args.bind("join", "d", "attribute");
        String separator = Printing.str(bound.or("d", ""), budget);
        UnaryOperator<Object> key = key(bound.get("attribute"));
        Text text = new Text(budget);
        boolean first = true;
        for (Object item : each(input)) {
            text.append(first ? "" : separator).append(Printing.str(key.apply(item), budget));
            first = false;
        }
        return text.toString();
    }

    private Object items(Object input, Args args) {
        args.bind("items");
        if (input instanceof Undefined) {
            return new Lazy(List.of());
        }
        if (input instanceof Map<?, ?> map) {
            return new Lazy(Dicts.items(map, budget));
        }
        throw new Problem("items needs a mapping, got " + Types.name(input));
    }

    /// What an `attribute` argument takes from an item: `a`, `0` or `a.b`.
    private UnaryOperator<Object> key(@Nullable Object attribute, Object otherwise) {
        if (attribute == null || attribute == None.NONE) {
            return item -> item;
        }
        List<Object> parts = parts(attribute);
        return item -> {
            Object value = item;
            for (Object part : parts) {
                budget.step();
                value = access.subscript(value, part);
                if (value instanceof Undefined && otherwise != None.NONE) {
                    value = otherwise;
                }
            }
            return value;
        };
    }

    private UnaryOperator<Object> key(@Nullable Object attribute) {
        return key(attribute, None.NONE);
    }

    private List<Object> parts(Object attribute) {
        if (!Texts.is(attribute)) {
            return List.of(attribute);
        }
        String path = Texts.of(attribute);
        budget.elements(path.length());
        List<Object> parts = new ArrayList<>();
        for (String part : path.split("\\.", -1)) {
            boolean number =
                    !part.isEmpty()
                            && part.length() < 10
                            && part.chars().allMatch(c -> c >= '0' && c <= '9');
            parts.add(number ? (Object) Long.valueOf(part) : part);
        }
        return parts;
    }

    private Object folded(Object value, boolean caseSensitive) {
        return Texts.is(value) && !caseSensitive ? Texts.lower(Texts.of(value)) : value;
    }

    private Comparator<Object> order(UnaryOperator<Object> key, boolean caseSensitive) {
        return (a, b) ->
                Comparing.compare(
                        folded(key.apply(a), caseSensitive),
                        folded(key.apply(b), caseSensitive),
                        budget);
    }

    /// Sorts by keys that are computed once. `sort` compares lists of them, where what is equal
    /// needs no order; the others compare the key itself, as Jinja does.
    private List<Object> sorted(
            List<Object> items,
            List<UnaryOperator<Object>> keys,
            boolean lists,
            boolean sensitive,
            boolean back) {
        record Keyed(List<Object> keys, Object item) {}
        List<Keyed> sorted = new ArrayList<>(items.size());
        for (Object item : items) {
            List<Object> values = new ArrayList<>(keys.size());
            keys.forEach(key -> values.add(folded(key.apply(item), sensitive)));
            sorted.add(new Keyed(values, item));
        }
        budget.elements((1L + keys.size()) * items.size());
        Comparator<Keyed> order =
                lists
                        ? (a, b) -> Comparing.compare(a.keys(), b.keys(), budget)
                        : (a, b) ->
                                Comparing.compare(a.keys().getFirst(), b.keys().getFirst(), budget);
        sorted.sort(back ? (a, b) -> order.compare(b, a) : order);
        return made(new ArrayList<>(sorted.stream().map(Keyed::item).toList()));
    }

    private Object sort(Object input, Args args) {
        Args.Bound bound = args.bind("sort", "reverse", "case_sensitive", "attribute");
        Object attribute = bound.or("attribute", None.NONE);
        List<UnaryOperator<Object>> keys = new ArrayList<>();
        if (Texts.is(attribute)) {
            budget.elements(Texts.of(attribute).length());
            for (String name : Texts.of(attribute).split(",", -1)) {
                keys.add(key(name));
            }
        } else {
            keys.add(key(attribute));
        }
        return sorted(
                each(input),
                keys,
                true,
                bound.flag("case_sensitive", false),
                bound.flag("reverse", false));
    }

    private Object dictsort(Object input, Args args) {
        Args.Bound bound = args.bind("dictsort", "case_sensitive", "by", "reverse");
        if (!(Undefined.check(input) instanceof Map<?, ?> map)) {
            throw new Problem("dictsort needs a mapping, got " + Types.name(input));
        }
        int part =
                switch (bound.text("by", "key")) {
                    case "key" -> 0;
                    case "value" -> 1;
                    default -> throw new Problem("dictsort: 'by' is 'key' or 'value'");
                };
        return sorted(
                Dicts.items(map, budget),
                List.of(item -> ((Tuple) item).items().get(part)),
                false,
                bound.flag("case_sensitive", false),
                bound.flag("reverse", false));
    }

    private Object unique(Object input, Args args) {
        Args.Bound bound = args.bind("unique", "case_sensitive", "attribute");
        UnaryOperator<Object> key = key(bound.get("attribute"));
        boolean sensitive = bound.flag("case_sensitive", false);
        Set<Object> seen = new HashSet<>();
        List<Object> unique = new ArrayList<>();
        for (Object item : each(input)) {
            if (seen.add(Dicts.key(folded(key.apply(item), sensitive), budget))) {
                unique.add(item);
            }
        }
        return new Lazy(made(unique));
    }

    private Object reverse(Object input, Args args) {
        args.bind("reverse");
        if (Texts.is(input)) {
            String text = Texts.of(input);
            budget.characters(text.length());
            return Texts.like(input, new StringBuilder(text).reverse().toString());
        }
        List<Object> reversed = made(new ArrayList<>(each(input)));
        Collections.reverse(reversed);
        return new Lazy(reversed);
    }

    private Object extreme(Object input, Args args, String name, int sign) {
        Args.Bound bound = args.bind(name, "case_sensitive", "attribute");
        Comparator<Object> order =
                order(key(bound.get("attribute")), bound.flag("case_sensitive", false));
        Object best = new Undefined("no aggregated item, the sequence is empty");
        boolean first = true;
        for (Object item : each(input)) {
            if (first || order.compare(item, best) * sign > 0) {
                best = item;
            }
            first = false;
        }
        return best;
    }

    private Object sum(Object input, Args args) {
        Args.Bound bound = args.bind("sum", "attribute", "start");
        UnaryOperator<Object> key = key(bound.get("attribute"));
        Object sum = bound.or("start", 0L);
        for (Object item : each(input)) {
            sum = Arithmetic.binary(Operator.ADD, sum, key.apply(item), budget);
        }
        return sum;
    }

    private Object map(Object input, Args args) {
        UnaryOperator<Object> change;
        if (args.positional().isEmpty()) {
            Args.Bound bound = args.bind("map", "attribute", "default");
            change = key(bound.need("attribute"), bound.or("default", None.NONE));
        } else {
            String name = Texts.need(args.positional().getFirst(), "map: the filter's name");
            Args rest = new Args(rest(args, 1), args.named());
            change = item -> filters.apply(name, item, rest);
        }
        List<Object> mapped = new ArrayList<>();
        for (Object item : eachIfAny(input)) {
            mapped.add(change.apply(item));
        }
        return new Lazy(made(mapped));
    }

    private static List<Object> rest(Args args, int from) {
        List<Object> all = args.positional();
        return all.subList(Math.min(from, all.size()), all.size());
    }

    private Object select(Object input, Args args, boolean attribute, boolean wanted) {
        if (attribute && args.positional().isEmpty()) {
            throw new Problem("selectattr and rejectattr need the name of an attribute");
        }
        UnaryOperator<Object> key = attribute ? key(args.positional().getFirst()) : item -> item;
        List<Object> rest = rest(args, attribute ? 1 : 0);
        List<Object> selected = new ArrayList<>();
        for (Object item : eachIfAny(input)) {
            if (holds(key.apply(item), rest, args) == wanted) {
                selected.add(item);
            }
        }
        return new Lazy(made(selected));
    }

    private boolean holds(Object value, List<Object> test, Args args) {
        if (test.isEmpty()) {
            return Truth.of(value);
        }
        String name = Texts.need(test.getFirst(), "select: the test's name");
        return tests.test(name, value, new Args(test.subList(1, test.size()), args.named()));
    }

    private Object groups(Object input, Args args) {
        Args.Bound bound = args.bind("groupby", "attribute", "default", "case_sensitive");
        UnaryOperator<Object> key = key(bound.need("attribute"), bound.or("default", None.NONE));
        boolean sensitive = bound.flag("case_sensitive", false);
        Map<Object, List<Object>> groups = new LinkedHashMap<>();
        Map<Object, Object> names = new LinkedHashMap<>();
        for (Object item : sorted(each(input), List.of(key), false, sensitive, false)) {
            Object group = Dicts.key(folded(key.apply(item), sensitive), budget);
            names.putIfAbsent(group, key.apply(item));
            groups.computeIfAbsent(group, _ -> new ArrayList<>()).add(item);
        }
        List<Object> all = new ArrayList<>();
        groups.forEach((group, items) -> all.add(Tuple.group(Dicts.get(names, group), items)));
        return all;
    }

    private Object batch(Object input, Args args) {
        Args.Bound bound = args.bind("batch", "linecount", "fill_with");
        long size = Numbers.index(bound.need("linecount"));
        if (size < 1) {
            throw new Problem("batch: the size is positive");
        }
        List<Object> batches = new ArrayList<>();
        List<Object> batch = new ArrayList<>();
        for (Object item : each(input)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(item);
        }
        if (!batch.isEmpty()) {
            fill(batch, size, bound.or("fill_with", None.NONE));
            batches.add(batch);
        }
        return new Lazy(made(batches));
    }

    private void fill(List<Object> batch, long size, Object with) {
        if (with != None.NONE) {
            budget.elements(size);
            while (batch.size() < size) {
                batch.add(with);
            }
        }
    }

    private Object slice(Object input, Args args) {
        Args.Bound bound = args.bind("slice", "slices", "fill_with");
        List<Object> items = each(input);
        long count = Numbers.index(bound.need("slices"));
        if (count < 1) {
            throw new Problem("slice: the number of slices is positive");
        }
        budget.elements(count);
        Object fill = bound.or("fill_with", None.NONE);
        List<Object> slices = new ArrayList<>();
        int each = (int) (items.size() / count);
        long longer = items.size() % count;
        int from = 0;
        for (long i = 0; i < count; i++) {
            int to = from + each + (i < longer ? 1 : 0);
            List<Object> slice = new ArrayList<>(items.subList(from, to));
            if (fill != None.NONE && i >= longer) {
                slice.add(fill);
            }
            slices.add(slice);
            from = to;
        }
        return new Lazy(slices);
    }
}
