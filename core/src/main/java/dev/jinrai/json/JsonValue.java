package dev.jinrai.json;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// A value of JSON. Immutable.
public sealed interface JsonValue {

    /// Keys and values in the order of the document.
    record Members(Map<String, JsonValue> values) implements JsonValue {}

    record Items(List<JsonValue> values) implements JsonValue {}

    /// Its UTF-16 has no unpaired surrogate.
    record Text(String value) implements JsonValue {}

    /// A number as it is written, `1e3` for example: what it is rounded to is the reader's choice. `NaN`, `Infinity` and
    /// `-Infinity` are in documents that [Json#readAsPython] read alone.
    record Numeral(String literal) implements JsonValue {

        /// The nearest `double`; infinite if it is beyond them.
        public double real() {
            return Double.parseDouble(literal);
        }

        /// The exact value, which `NaN` and the infinite do not have. An exponent like `1e999999999` makes arithmetic with it expensive.
        public BigDecimal exact() {
            return new BigDecimal(literal);
        }
    }

    record Flag(boolean value) implements JsonValue {}

    record Null() implements JsonValue {}

    /// What it is, for a message: `an object`, `a string`, ….
    default String kind() {
        return switch (this) {
            case Members _ -> "an object";
            case Items _ -> "an array";
            case Text _ -> "a string";
            case Numeral _ -> "a number";
            case Flag _ -> "true or false";
            case Null _ -> "null";
        };
    }
}
