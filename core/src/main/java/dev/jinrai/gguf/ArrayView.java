package dev.jinrai.gguf;

import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.nio.ByteBuffer;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/// The elements of an array, left in the file: a vocabulary of 150,000 strings costs one `int` a
/// string until somebody reads it.
///
/// Every place was checked against the end of the file before the view was made. What is left to
/// check at each read is whether a string is UTF-8.
abstract sealed class ArrayView extends AbstractList<MetadataValue> implements RandomAccess {

    /// The type of every element.
    abstract ValueType type();

    /// Fixed-width elements, one after another from `start`.
    static final class Numbers extends ArrayView {
        private final ByteBuffer bytes;
        private final ValueType type;
        private final int start;
        private final int size;

        Numbers(ByteBuffer bytes, ValueType type, int start, int size) {
            this.bytes = bytes;
            this.type = type;
            this.start = start;
            this.size = size;
        }

        @Override
        public MetadataValue get(int index) {
            return number(type, bytes, start + Objects.checkIndex(index, size) * type.bytes());
        }

        @Override
        ValueType type() {
            return type;
        }

        @Override
        public int size() {
            return size;
        }
    }

    /// Strings; `starts[i]` is the place of the length of string `i`.
    static final class Strings extends ArrayView {
        private final ByteBuffer bytes;
        private final int[] starts;
        private final String file;
        private final String key;

        Strings(ByteBuffer bytes, int[] starts, String file, String key) {
            this.bytes = bytes;
            this.starts = starts;
            this.file = file;
            this.key = key;
        }

        @Override
        public MetadataValue get(int index) {
            int start = starts[Objects.checkIndex(index, starts.length)];
            byte[] raw = new byte[(int) bytes.getLong(start)];
            bytes.get(start + Long.BYTES, raw);
            try {
                return new Text(Utf8.decode(raw));
            } catch (Utf8.MalformedException e) {
                throw new GgufException(
                        "%s: at byte 0x%X, key %s: string [%d] of %d is not UTF-8: %s"
                                .formatted(
                                        file,
                                        start,
                                        Quote.quote(key),
                                        index,
                                        starts.length,
                                        e.getMessage()),
                        e);
            }
        }

        @Override
        ValueType type() {
            return ValueType.STRING;
        }

        @Override
        public int size() {
            return starts.length;
        }
    }

    @Override
    public String toString() {
        return "%d %ss of a file".formatted(size(), type());
    }

    /// {@return the value of a fixed-width type at a place}
    static MetadataValue number(ValueType type, ByteBuffer bytes, int at) {
        return switch (type) {
            case UINT8 -> new Whole(type, bytes.get(at) & 0xFF);
            case INT8 -> new Whole(type, bytes.get(at));
            case UINT16 -> new Whole(type, bytes.getShort(at) & 0xFFFF);
            case INT16 -> new Whole(type, bytes.getShort(at));
            case UINT32 -> new Whole(type, bytes.getInt(at) & 0xFFFF_FFFFL);
            case INT32 -> new Whole(type, bytes.getInt(at));
            case UINT64, INT64 -> new Whole(type, bytes.getLong(at));
            case FLOAT32 -> new Real(type, bytes.getFloat(at));
            case FLOAT64 -> new Real(type, bytes.getDouble(at));
            case BOOL -> new Bool(bytes.get(at) != 0);
            case STRING, ARRAY -> throw new IllegalArgumentException(type + " has no fixed width");
        };
    }
}
