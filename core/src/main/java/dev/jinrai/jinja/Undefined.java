package dev.jinrai.jinja;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A name or an attribute that is not there: empty where it is printed, looped over or tested, an
/// error where it is used otherwise. All are equal, as in Jinja.
final class Undefined {
    private final Supplier<String> reason;

    Undefined(String reason) {
        this(() -> reason);
    }

    /// @param reason the message of that error; asked for when it happens, as templates look for
    ///     what is not there much more often than they use it
    Undefined(Supplier<String> reason) {
        this.reason = reason;
    }

    String reason() {
        return reason.get();
    }

    Problem problem() {
        return new Problem(reason());
    }

    /// {@return `value`, if it is defined}
    static Object check(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.problem();
        }
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
