package dev.jinrai.gguf;

import java.util.Locale;
import java.util.Optional;

/// The thirteen types of a metadata value.
///
/// Source: `enum gguf_metadata_value_type` (docs/gguf.md in the ggml repository).
public enum ValueType {
    UINT8(0, 1),
    INT8(1, 1),
    UINT16(2, 2),
    INT16(3, 2),
    UINT32(4, 4),
    INT32(5, 4),
    FLOAT32(6, 4),
    BOOL(7, 1),
    STRING(8, 0),
    ARRAY(9, 0),
    UINT64(10, 8),
    INT64(11, 8),
    FLOAT64(12, 8);

    private static final ValueType[] ALL = values();

    private final int id;
    private final int bytes;

    ValueType(int id, int bytes) {
        this.id = id;
        this.bytes = bytes;
    }

    /// The number that stands for this type in a file.
    public int id() {
        return id;
    }

    /// The length of a value in bytes; 0 for [#STRING] and [#ARRAY], whose values say it.
    public int bytes() {
        return bytes;
    }

    /// Whether values are [MetadataValue.Whole].
    public boolean isInteger() {
        return switch (this) {
            case UINT8, INT8, UINT16, INT16, UINT32, INT32, UINT64, INT64 -> true;
            case FLOAT32, FLOAT64, BOOL, STRING, ARRAY -> false;
        };
    }

    /// Whether values are [MetadataValue.Real].
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /// {@return the type with this number, or empty if there is none}
    public static Optional<ValueType> of(int id) {
        for (ValueType type : ALL) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /// As people write it: `uint32`.
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
