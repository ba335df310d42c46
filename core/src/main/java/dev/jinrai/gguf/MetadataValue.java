package dev.jinrai.gguf;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/// A value of the key-value section: one of thirteen [types][ValueType] in five shapes.
///
/// The elements of an array stay in the file and are made each time they are read, so an array
/// needs its [Gguf] open; the other values are plain Java values.
public sealed interface MetadataValue {

    /// The type in the file.
    ValueType type();

    /// An integer of any of the eight integer types.
    ///
    /// @param value the number; a `uint64` above 2⁶³ − 1 appears as the negative `long` of its bits
    record Whole(ValueType type, long value) implements MetadataValue {
        public Whole {
            boolean fits =
                    switch (type) {
                        case UINT8 -> value == (value & 0xFF);
                        case INT8 -> value == (byte) value;
                        case UINT16 -> value == (value & 0xFFFF);
                        case INT16 -> value == (short) value;
                        case UINT32 -> value == (value & 0xFFFF_FFFFL);
                        case INT32 -> value == (int) value;
                        case UINT64, INT64 -> true;
                        case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
                    };
            if (!fits) {
                throw new IllegalArgumentException(
                        "%d is not a value of %s".formatted(value, type));
            }
        }

        /// Whether `value` is the number itself, not the bits of a larger one.
        public boolean fitsLong() {
            return type != ValueType.UINT64 || value >= 0;
        }

        @Override
        public String toString() {
            return type + " " + (fitsLong() ? Long.toString(value) : Long.toUnsignedString(value));
        }
    }

    /// A `float32` or a `float64`.
    record Real(ValueType type, double value) implements MetadataValue {
        public Real {
            boolean fits =
                    switch (type) {
                        case FLOAT32 -> Double.isNaN(value) || value == (float) value;
                        case FLOAT64 -> true;
                        default -> false;
                    };
            if (!fits) {
                throw new IllegalArgumentException(value + " is not a value of " + type);
            }
        }

        @Override
        public String toString() {
            return type + " " + (type == ValueType.FLOAT32 ? Float.toString((float) value) : value);
        }
    }

    /// A truth value, one byte in the file.
    record Bool(boolean value) implements MetadataValue {
        @Override
        public ValueType type() {
            return ValueType.BOOL;
        }

        @Override
        public String toString() {
            return "bool " + value;
        }
    }

    /// A string, UTF-8 in the file.
    record Text(String value) implements MetadataValue {
        @Override
        public ValueType type() {
            return ValueType.STRING;
        }

        @Override
        public String toString() {
            return "string " + Quote.quote(value);
        }
    }

    /// Values of one type; arrays nest.
    ///
    /// @param elements with random access; from a file, a view that makes each element when asked
    record Array(ValueType elementType, List<MetadataValue> elements) implements MetadataValue {
        public Array {
            if (elements instanceof ArrayView view) { // all of one type; do not decode each
                check(elementType, view.type(), view);
            } else {
                elements = List.copyOf(elements);
                for (MetadataValue element : elements) {
                    check(elementType, element.type(), element);
                }
            }
        }

        private static void check(ValueType wanted, ValueType type, Object what) {
            if (type != wanted) {
                throw new IllegalArgumentException("%s in an array of %ss".formatted(what, wanted));
            }
        }

        @Override
        public ValueType type() {
            return ValueType.ARRAY;
        }

        /// {@return the elements as strings: a view that decodes each string when it is asked for}
        ///
        /// @throws IllegalStateException if the elements are not strings
        public List<String> strings() {
            if (elementType != ValueType.STRING) {
                throw new IllegalStateException("not strings: " + this);
            }
            return new Strings(elements);
        }

        @Override
        public String toString() {
            return "array of %d %s%s"
                    .formatted(elements.size(), elementType, elements.size() == 1 ? "" : "s");
        }

        private static final class Strings extends AbstractList<String> implements RandomAccess {
            private final List<MetadataValue> elements;

            Strings(List<MetadataValue> elements) {
                this.elements = elements;
            }

            @Override
            public String get(int index) {
                return ((Text) elements.get(index)).value();
            }

            @Override
            public int size() {
                return elements.size();
            }
        }
    }
}
