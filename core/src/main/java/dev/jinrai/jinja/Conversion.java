package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Java's values to those of a template.
final class Conversion {
    private Conversion() {}

    /// @throws IllegalArgumentException if there is no value like it
    static Object of(@Nullable Object value, Budget budget) {
        return switch (value) {
            case null -> None.NONE;
            case String text -> text;
            case Boolean flag -> flag;
            case Integer n -> (long) n;
            case Long n -> n;
            case Short n -> (long) n;
            case BigInteger n -> Numbers.integer(n);
            case Float x -> (double) x;
            case Double x -> x;
            case BigDecimal x -> x.doubleValue();
            case List<?> list -> list(list, budget);
            case Map<?, ?> map -> map(map, budget);
            default ->
                    throw new IllegalArgumentException(
                            "a template has no values of " + value.getClass());
        };
    }

    private static List<Object> list(List<?> values, Budget budget) {
        budget.enter();
        List<Object> list = new ArrayList<>();
        for (Object value : values) {
            list.add(of(value, budget));
        }
        budget.leave();
        return Collections.unmodifiableList(list);
    }

    private static Map<Object, Object> map(Map<?, ?> values, Budget budget) {
        budget.enter();
        Map<Object, Object> map = new LinkedHashMap<>();
        values.forEach(
                (key, value) -> map.put(Dicts.key(of(key, budget), budget), of(value, budget)));
        budget.leave();
        return Collections.unmodifiableMap(map);
    }
}
