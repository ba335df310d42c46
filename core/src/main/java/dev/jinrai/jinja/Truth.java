package dev.jinrai.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/// Python's truth of a value.
final class Truth {
    private Truth() {}

    static boolean of(Object value) {
        return switch (value) {
            case Boolean b -> b;
            case None _, Undefined _ -> false;
            case String s -> !s.isEmpty();
            case Markup m -> !m.text().isEmpty();
            case Long n -> n != 0;
            case BigInteger n -> n.signum() != 0;
            case Double d -> d != 0;
            case List<?> l -> !l.isEmpty();
            case Map<?, ?> m -> !m.isEmpty();
            case Tuple t -> !t.items().isEmpty();
            case View v -> v.size() > 0;
            default -> true;
        };
    }
}
