package dev.jinrai.jinja;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Evaluated arguments of a call.
record Args(List<Object> positional, Map<String, Object> named) {
    static final Args NONE = new Args(List.of(), Map.of());

    static Args of(List<Object> positional) {
        return new Args(positional, Map.of());
    }

    /// {@return these arguments, which have no names}
    Args positional(String function) {
        if (!named.isEmpty()) {
            throw new Problem("%s takes no arguments with names".formatted(function));
        }
        return this;
    }

    /// {@return the arguments by the names of parameters}
    Bound bind(String function, String... parameters) {
        if (positional.size() > parameters.length) {
            throw new Problem(
                    "%s takes at most %d arguments, got %d"
                            .formatted(function, parameters.length, positional.size()));
        }
        Map<String, Object> bound = new LinkedHashMap<>();
        for (int i = 0; i < positional.size(); i++) {
            bound.put(parameters[i], positional.get(i));
        }
        named.forEach((name, value) -> {
            if (!List.of(parameters).contains(name)) {
                throw new Problem("%s has no argument '%s'".formatted(function, name));
            }
            if (bound.put(name, value) != null) {
                throw new Problem("%s got argument '%s' twice".formatted(function, name));
            }
        });
        return new Bound(function, bound);
    }

    /// Arguments by name.
    record Bound(String function, Map<String, Object> values) {
        @Nullable Object get(String name) {
            return values.get(name);
        }

        Object or(String name, Object otherwise) {
            return values.getOrDefault(name, otherwise);
        }

        Object need(String name) {
            Object value = values.get(name);
            if (value == null) {
                throw new Problem("%s lacks its argument '%s'".formatted(function, name));
            }
            return value;
        }

        String text(String name, String otherwise) {
            Object value = values.get(name);
            return value == null || value == None.NONE ? otherwise : Texts.need(value, function);
        }

        String text(String name) {
            return Texts.need(need(name), function);
        }

        boolean flag(String name, boolean otherwise) {
            Object value = values.get(name);
            return value == null ? otherwise : Truth.of(value);
        }

        long integer(String name, long otherwise) {
            Object value = values.get(name);
            return value == null || value == None.NONE ? otherwise : Numbers.index(value);
        }
    }
}
