package dev.jinrai.jinja;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What Python's `json.dumps` writes, without escaping what is not ASCII unless asked to.
final class Json {
    private final Budget budget;
    private final Text text;
    private final boolean ascii;
    private final boolean sorted;
    private final Optional<String> indent;
    private final String itemSeparator;
    private final String keySeparator;

    private Json(Args.Bound options, Budget budget) {
        this.budget = budget;
        this.text = new Text(budget);
        ascii = options.flag("ensure_ascii", false);
        sorted = options.flag("sort_keys", false);
        indent = indent(options.or("indent", None.NONE), budget);
        Object separators = options.or("separators", None.NONE);
        if (separators == None.NONE) {
            itemSeparator = indent.isPresent() ? "," : ", ";
            keySeparator = ": ";
        } else {
            List<Object> both = Iteration.of(separators, budget);
            if (both.size() != 2) {
                throw new Problem("tojson: separators are two strings");
            }
            itemSeparator = Texts.need(both.get(0), "tojson: a separator");
            keySeparator = Texts.need(both.get(1), "tojson: a separator");
        }
    }

    private static Optional<String> indent(Object indent, Budget budget) {
        if (indent == None.NONE) {
            return Optional.empty();
        }
        return Optional.of(
                Texts.is(indent)
                        ? Texts.of(indent)
                        : new Text(budget).repeat(" ", Numbers.index(indent)).toString());
    }

    static String write(Object value, Args.Bound options, Budget budget) {
        Json json = new Json(options, budget);
        json.add(value, 0);
        return json.text.toString();
    }

    private void add(Object value, int level) {
        budget.step();
        budget.enter();
        switch (value) {
            case None _ -> text.append("null");
            case Boolean b -> text.append(b ? "true" : "false");
            case Long n -> text.append(n.toString());
            case BigInteger n -> text.append(n.toString());
            case Double d -> text.append(real(d));
            case String s -> quoted(s);
            case Markup m -> quoted(m.text());
            case List<?> l when !(l instanceof Range) -> list(l, level);
            case Tuple t -> list(t.items(), level);
            case Map<?, ?> m -> map(m, level);
            default ->
                    throw new Problem(
                            "object of type %s is not JSON serializable%s"
                                    .formatted(
                                            Types.name(value),
                                            value instanceof Undefined u ? ": " + u.reason() : ""));
        }
        budget.leave();
    }

    private static String real(double value) {
        if (Double.isInfinite(value)) {
            return value > 0 ? "Infinity" : "-Infinity";
        }
        return Double.isNaN(value) ? "NaN" : Numbers.print(value);
    }

    private void list(List<?> items, int level) {
        if (items.isEmpty()) {
            text.append("[]");
            return;
        }
        text.append('[');
        boolean first = true;
        for (Object item : items) {
            separate(first, level + 1);
            add(item, level + 1);
            first = false;
        }
        line(level);
        text.append(']');
    }

    private void map(Map<?, ?> map, int level) {
        if (map.isEmpty()) {
            text.append("{}");
            return;
        }
        budget.step(map.size());
        List<?> keys = List.copyOf(map.keySet());
        if (sorted) {
            budget.step(16L * keys.size());
            keys =
                    keys.stream()
                            .sorted((a, b) ->
                                    Comparing.compare(Dicts.shown(a), Dicts.shown(b), budget))
                            .toList();
        }
        text.append('{');
        boolean first = true;
        for (Object key : keys) {
            separate(first, level + 1);
            quoted(key(Dicts.shown(key)));
            text.append(keySeparator);
            add(Dicts.get(map, key), level + 1);
            first = false;
        }
        line(level);
        text.append('}');
    }

    private static String key(Object key) {
        return switch (key) {
            case String s -> s;
            case None _ -> "null";
            case Boolean b -> b ? "true" : "false";
            case Double d -> real(d);
            case Number n -> n.toString();
            default -> throw new Problem("a key of JSON is a string, not " + Types.name(key));
        };
    }

    private void separate(boolean first, int level) {
        if (!first) {
            text.append(itemSeparator);
        }
        line(level);
    }

    private void line(int level) {
        indent.ifPresent(unit -> text.append('\n').repeat(unit, level));
    }

    private void quoted(String string) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        quoted.append("\\u").append(HexFormat.of().toHexDigits(c));
                    } else {
                        quoted.append(c);
                    }
                }
            }
        }
        text.append(quoted.append('"').toString());
    }
}
