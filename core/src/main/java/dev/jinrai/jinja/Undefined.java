package dev.jinrai.jinja;

/// A name or an attribute that is not there: empty where it is printed, looped over or tested, an
/// error where it is used otherwise.
///
/// @param reason the message of that error
record Undefined(String reason) {
    Problem problem() {
        return new Problem(reason);
    }

    /// {@return `value`, if it is defined}
    static Object check(Object value) {
        if (value instanceof Undefined undefined) {
            throw undefined.problem();
        }
        return value;
    }
}
