package dev.jinrai.jinja;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Names and their values. A loop's body, a macro and a `with` have their own; what they set is
/// gone when they end.
final class Scope {
    private final Optional<Scope> outer;
    private final boolean exports;
    private final Map<String, Object> values = new HashMap<>();

    private Scope(Optional<Scope> outer, boolean exports) {
        this.outer = outer;
        this.exports = exports;
    }

    static Scope outermost() {
        return new Scope(Optional.empty(), false);
    }

    Scope inner() {
        return new Scope(Optional.of(this), false);
    }

    /// {@return a scope that begins with the names of a frame}
    Scope inner(Frame frame, Budget budget) {
        return inner(frame, budget, false);
    }

    /// {@return the scope of a template or a block: what is set there the blocks see too}
    Scope top(Frame frame, Budget budget) {
        return inner(frame, budget, true);
    }

    private Scope inner(Frame frame, Budget budget, boolean exports) {
        budget.step(frame.size() >> 3);
        Scope scope = new Scope(Optional.of(this), exports);
        scope.values.putAll(frame.undefined());
        for (String name : frame.outer()) {
            scope.values.put(name, get(name));
        }
        return scope;
    }

    void set(String name, Object value) {
        values.put(name, value);
        if (exports) {
            outer.ifPresent(context -> context.set(name, value));
        }
    }

    Object get(String name) {
        Scope scope = this;
        while (true) {
            Object value = scope.values.get(name);
            if (value != null) {
                return value;
            }
            if (scope.outer.isEmpty()) {
                return new Undefined(() -> "'%s' is undefined".formatted(name));
            }
            scope = scope.outer.get();
        }
    }
}
