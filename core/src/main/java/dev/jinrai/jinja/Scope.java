package dev.jinrai.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Names and their values. A loop's body, a macro and a `with` have their own; what they set is
/// gone when they end.
final class Scope {
    private final Optional<Scope> outer;
    private final Map<String, Object> values = new HashMap<>();

    private Scope(Optional<Scope> outer) {
        this.outer = outer;
    }

    static Scope outermost() {
        return new Scope(Optional.empty());
    }

    Scope inner() {
        return new Scope(Optional.of(this));
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    Object get(String name) {
        Scope scope = this;
        while (true) {
            Object value = scope.values.get(name);
            if (value != null) {
                return value;
            }
            if (scope.outer.isEmpty()) {
                return new Undefined("'%s' is undefined".formatted(name));
            }
            scope = scope.outer.get();
        }
    }
}
