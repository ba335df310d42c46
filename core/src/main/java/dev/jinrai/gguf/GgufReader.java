package dev.jinrai.gguf;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what precedes the tensor data, and believes none of it.
///
/// A length or a count is compared with a limit and with the bytes that are left before anything is
/// allocated for it. The limits are far from what models need.
///
/// This code runs once, in a JVM that has compiled nothing yet, and is written for that: no lambda,
/// no string concatenation and no `VarHandle` on the way of a good file, because the first use of
/// each takes milliseconds.
final class GgufReader {
    /// Bytes before the tensor data; the largest vocabularies take about 20 MB.
    static final int MAX_HEADER = 1 << 30;

    /// Bytes of a key or of a tensor's name; the specification's limit for keys.
    static final int MAX_NAME = 65_535;

    /// Bytes of a string in an array, and of all other text together, which is decoded at once.
    static final int MAX_TEXT = 64 << 20;

    static final int MAX_KEYS = 1 << 16;
    static final int MAX_TENSORS = 1 << 18;

    /// Elements of an array, and strings of all arrays together; a vocabulary has about 2^18.
    static final int MAX_ELEMENTS = 1 << 24;

    /// Arrays inside arrays.
    static final int MAX_NESTED = 1 << 16;

    static final int MAX_DEPTH = 4;

    /// Length and one byte of the name, type, one byte of value.
    private static final int MIN_KEY_BYTES = 8 + 1 + 4 + 1;

    /// Length of the name, dimensions, type, offset.
    private static final int MIN_TENSOR_BYTES = 8 + 4 + 4 + 8;

    /// Element type, length.
    private static final int MIN_ARRAY_BYTES = 4 + 8;

    /// Length.
    private static final int MIN_STRING_BYTES = 8;

    private final String file;
    private final long fileSize;

    /// The file, or as much of it as a header can take; the position is where reading goes on.
    private final ByteBuffer bytes;

    private int textLeft = MAX_TEXT;
    private int stringsLeft = MAX_ELEMENTS;
    private int nestedLeft = MAX_NESTED;

    // What is being read, for messages: its name or, until that is known, its number from 1.
    private String kind = "header";
    private String name = "";
    private long number;

    GgufReader(Path file, MemorySegment mapping) {
        this.file = Quote.printable(file.toString());
        this.fileSize = mapping.byteSize();
        this.bytes = mapping.asSlice(0, Math.min(fileSize, MAX_HEADER)).asByteBuffer();
        bytes.order(LITTLE_ENDIAN);
    }

    Gguf.Header read() {
        readMagic();
        int version = readVersion();
        int countsAt = bytes.position();
        long tensorCount = int64("the number of tensors");
        long keyCount = int64("the number of keys");
        checkCount(countsAt, tensorCount, "tensors", MIN_TENSOR_BYTES, MAX_TENSORS);
        checkCount(countsAt + 8, keyCount, "keys", MIN_KEY_BYTES, MAX_KEYS);

        Map<String, MetadataValue> values = readKeys(keyCount);
        long alignment = Gguf.DEFAULT_ALIGNMENT;
        if (values.get(Gguf.ALIGNMENT_KEY) instanceof Whole whole) {
            alignment = whole.value();
        }
        List<Entry> entries = readTable(tensorCount);

        long dataOffset = bytes.position();
        if (!entries.isEmpty()) { // padding belongs to the data; a file without it may end here
            dataOffset = (dataOffset + alignment - 1) / alignment * alignment;
        }
        Map<String, TensorInfo> tensors = place(entries, dataOffset, alignment);
        var metadata = new Metadata(file, values);
        return new Gguf.Header(version, alignment, dataOffset, metadata, tensors);
    }

    private void readMagic() {
        int magic = int32("the magic");
        if (magic != Gguf.MAGIC) {
            throw fail(0, "wanted the magic 'GGUF', got " + describeMagic());
        }
    }

    private int readVersion() {
        int at = bytes.position();
        int version = int32("the version");
        if (version >= Gguf.MIN_VERSION && version <= Gguf.MAX_VERSION) {
            return version;
        }
        int swapped = Integer.reverseBytes(version);
        if (swapped > 0 && swapped <= 0xFFFF) {
            throw fail(
                    at,
                    "version %d in big-endian byte order; only little-endian files are supported"
                            .formatted(swapped));
        }
        throw fail(
                at,
                "version %s is not supported (2 and 3 are)%s"
                        .formatted(
                                Integer.toUnsignedString(version),
                                version == 1 ? "; convert the model again" : ""));
    }

    private Map<String, MetadataValue> readKeys(long count) {
        Map<String, MetadataValue> values = new LinkedHashMap<>();
        for (long i = 1; i <= count; i++) {
            begin("key", i);
            int at = bytes.position();
            name = string("the key", MAX_NAME);
            if (name.isEmpty()) {
                throw fail(at, "the key is empty");
            }
            if (values.containsKey(name)) {
                throw fail(at, "the key appears twice");
            }
            int valueAt = bytes.position();
            MetadataValue value = value(readValueType());
            if (name.equals(Gguf.ALIGNMENT_KEY) && !Gguf.isAlignment(value)) {
                throw fail(
                        valueAt,
                        "wanted a uint32 that is a power of two from 8, got %s".formatted(value));
            }
            values.put(name, value);
        }
        return values;
    }

    private ValueType readValueType() {
        int at = bytes.position();
        int id = int32("the value type");
        Optional<ValueType> type = ValueType.of(id);
        if (type.isEmpty()) {
            throw fail(
                    at,
                    "value type %s is unknown (0 to 12 are known)"
                            .formatted(Integer.toUnsignedString(id)));
        }
        return type.get();
    }

    private MetadataValue value(ValueType type) {
        return switch (type) {
            case STRING -> new Text(string("the string", MAX_TEXT));
            case ARRAY -> array(1);
            default -> {
                int at = bytes.position();
                skip(type.bytes(), "the value");
                if (type == ValueType.BOOL) {
                    checkBools(at, 1);
                }
                yield ArrayView.number(type, bytes, at);
            }
        };
    }

    private Array array(int depth) {
        int at = bytes.position();
        if (depth > MAX_DEPTH) {
            throw fail(at, "arrays nest deeper than " + MAX_DEPTH);
        }
        ValueType type = readValueType();
        long length = int64("the length of the array");
        if (length < 0 || length > MAX_ELEMENTS) {
            throw fail(
                    at,
                    "array of %s %ss, at most %d are supported"
                            .formatted(Long.toUnsignedString(length), type, MAX_ELEMENTS));
        }
        int size = (int) length;
        return switch (type) {
            case STRING -> strings(at, size);
            case ARRAY -> arrays(at, size, depth);
            default -> numbers(at, type, size);
        };
    }

    private Array numbers(int at, ValueType type, int size) {
        int start = bytes.position();
        checkRoom(at, type, size, type.bytes());
        bytes.position(start + size * type.bytes());
        if (type == ValueType.BOOL) {
            checkBools(start, size);
        }
        return new Array(type, new ArrayView.Numbers(bytes, type, start, size));
    }

    /// The strings must be walked to find where the array ends, so their places are kept.
    private Array strings(int at, int size) {
        if (size > stringsLeft) {
            throw fail(at, "more than %d strings in the arrays".formatted(MAX_ELEMENTS));
        }
        stringsLeft -= size;
        checkRoom(at, ValueType.STRING, size, MIN_STRING_BYTES);
        int[] starts = new int[size];
        int next = bytes.position();
        int end = bytes.limit();
        for (int i = 0; i < size; i++) {
            starts[i] = next;
            int left = end - next - MIN_STRING_BYTES;
            long length = left >= 0 ? bytes.getLong(next) : 0;
            if (length < 0 || length > MAX_TEXT || length > left) {
                throw fail(
                        next,
                        left < 0
                                ? "string [%d] of %d: its length %s".formatted(i, size, past(-left))
                                : "string [%d] of %d: %s"
                                        .formatted(i, size, badLength(length, MAX_TEXT, left)));
            }
            next += MIN_STRING_BYTES + (int) length;
        }
        bytes.position(next);
        return new Array(ValueType.STRING, new ArrayView.Strings(bytes, starts, file, name));
    }

    private Array arrays(int at, int size, int depth) {
        if (size > nestedLeft) {
            throw fail(at, "more than %d arrays inside arrays".formatted(MAX_NESTED));
        }
        nestedLeft -= size;
        checkRoom(at, ValueType.ARRAY, size, MIN_ARRAY_BYTES);
        List<MetadataValue> arrays = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            arrays.add(array(depth + 1));
        }
        return new Array(ValueType.ARRAY, arrays);
    }

    /// A line of the tensor table whose offset still counts from the start of the data.
    private record Entry(TensorInfo tensor, int offsetAt) {}

    private List<Entry> readTable(long count) {
        List<Entry> entries = new ArrayList<>((int) count);
        for (long i = 1; i <= count; i++) {
            begin("tensor", i);
            name = string("the name", MAX_NAME);
            int shapeAt = bytes.position();
            List<Long> shape = readShape();
            int typeAt = bytes.position();
            int id = int32("the tensor type");
            Optional<GgmlType> type = GgmlType.of(id);
            if (type.isEmpty()) {
                throw fail(
                        typeAt,
                        "tensor type %s is unknown".formatted(Integer.toUnsignedString(id)));
            }
            int offsetAt = bytes.position();
            long offset = int64("the offset");
            try {
                entries.add(new Entry(new TensorInfo(name, type.get(), shape, offset), offsetAt));
            } catch (IllegalArgumentException e) {
                throw fail(shapeAt, String.valueOf(e.getMessage()));
            }
        }
        begin("header", 0);
        return entries;
    }

    private List<Long> readShape() {
        int at = bytes.position();
        int dimensions = int32("the number of dimensions");
        if (dimensions < 0 || dimensions > TensorInfo.MAX_DIMENSIONS) {
            throw fail(
                    at,
                    "%s dimensions, at most %d are possible"
                            .formatted(
                                    Integer.toUnsignedString(dimensions),
                                    TensorInfo.MAX_DIMENSIONS));
        }
        List<Long> shape = new ArrayList<>(dimensions);
        for (int i = 0; i < dimensions; i++) {
            shape.add(int64("an extent"));
        }
        return shape;
    }

    /// Turns offsets into places in the file, once it is known where the data begins.
    private Map<String, TensorInfo> place(List<Entry> entries, long dataOffset, long alignment) {
        Map<String, TensorInfo> tensors = LinkedHashMap.newLinkedHashMap(entries.size());
        boolean ascending = true;
        long end = 0;
        for (Entry entry : entries) {
            TensorInfo tensor = entry.tensor();
            long offset = tensor.offset();
            long length = tensor.byteSize();
            long room = fileSize - dataOffset;
            if (offset < 0 || offset > room) {
                throw fail(
                        entry,
                        "offset 0x%X lies past the %d bytes of data; is the file complete?"
                                .formatted(offset, Math.max(room, 0)));
            }
            if (offset % alignment != 0) {
                throw fail(
                        entry,
                        "offset 0x%X is not a multiple of the alignment %d"
                                .formatted(offset, alignment));
            }
            if (length > room - offset) {
                throw fail(
                        entry,
                        "%s %s needs %d bytes, the file ends after %d; is it complete?"
                                .formatted(tensor.shape(), tensor.type(), length, room - offset));
            }
            var placed =
                    new TensorInfo(
                            tensor.name(), tensor.type(), tensor.shape(), dataOffset + offset);
            if (tensors.put(placed.name(), placed) != null) {
                throw fail(entry, "the name appears twice");
            }
            ascending &= offset >= end;
            end = offset + length;
        }
        if (!ascending) {
            checkOverlap(entries);
        }
        return tensors;
    }

    private void checkOverlap(List<Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.removeIf(entry -> entry.tensor().byteSize() == 0); // takes no room, covers nothing
        sorted.sort(Comparator.comparingLong(entry -> entry.tensor().offset()));
        for (int i = 1; i < sorted.size(); i++) {
            TensorInfo previous = sorted.get(i - 1).tensor();
            TensorInfo tensor = sorted.get(i).tensor();
            long overlap = previous.offset() + previous.byteSize() - tensor.offset();
            if (overlap > 0) {
                throw fail(
                        sorted.get(i),
                        "offset 0x%X lies %d bytes before the end of tensor %s"
                                .formatted(tensor.offset(), overlap, Quote.quote(previous.name())));
            }
        }
    }

    private int int32(String what) {
        int at = bytes.position();
        skip(Integer.BYTES, what);
        return bytes.getInt(at);
    }

    private long int64(String what) {
        int at = bytes.position();
        skip(Long.BYTES, what);
        return bytes.getLong(at);
    }

    private String string(String what, int limit) {
        int at = bytes.position();
        long length = int64(what);
        if (length < 0 || length > limit || length > bytes.remaining()) {
            throw fail(at, what + ": " + badLength(length, limit, bytes.remaining()));
        }
        if (length > textLeft) {
            throw fail(at, "more than %d bytes of names and strings".formatted(MAX_TEXT));
        }
        textLeft -= (int) length;
        byte[] raw = new byte[(int) length];
        bytes.get(raw);
        try {
            return Utf8.decode(raw);
        } catch (Utf8.MalformedException e) {
            throw fail(at, "%s is not UTF-8: %s".formatted(what, e.getMessage()));
        }
    }

    private void skip(int length, String what) {
        if (length > bytes.remaining()) {
            throw fail(bytes.position(), what + " " + past(length - bytes.remaining()));
        }
        bytes.position(bytes.position() + length);
    }

    private void checkBools(int start, int size) {
        for (int i = start; i < start + size; i++) {
            if ((bytes.get(i) & ~1) != 0) {
                throw fail(i, "wanted a bool, 0 or 1, got 0x%02X".formatted(bytes.get(i)));
            }
        }
    }

    private void checkCount(int at, long count, String what, int minBytes, int limit) {
        if (count < 0 || count > limit) {
            throw fail(
                    at,
                    "%s %s, at most %d are supported"
                            .formatted(Long.toUnsignedString(count), what, limit));
        }
        if (count * minBytes > bytes.remaining()) {
            throw fail(
                    at,
                    "%d %s take at least %d bytes, %d are left"
                            .formatted(count, what, count * minBytes, bytes.remaining()));
        }
    }

    private void checkRoom(int at, ValueType type, int size, int minBytes) {
        long missing = (long) size * minBytes - bytes.remaining();
        if (missing > 0) {
            throw fail(at, "array of %d %ss %s".formatted(size, type, past(missing)));
        }
    }

    private String badLength(long length, int limit, int left) {
        return length < 0 || length > limit
                ? "%s bytes, at most %d are supported"
                        .formatted(Long.toUnsignedString(length), limit)
                : "%d bytes, which %s".formatted(length, past(length - left));
    }

    private String past(long missing) {
        return bytes.limit() == fileSize
                ? "runs %d byte%s past the end".formatted(missing, missing == 1 ? "" : "s")
                : "runs %d bytes past the %d that may precede the tensor data"
                        .formatted(missing, MAX_HEADER);
    }

    private void begin(String kind, long number) {
        this.kind = kind;
        this.name = "";
        this.number = number;
    }

    private GgufException fail(Entry entry, String problem) {
        kind = "tensor";
        name = entry.tensor().name();
        return fail(entry.offsetAt(), problem);
    }

    private GgufException fail(long at, String problem) {
        String subject = kind;
        if (!name.isEmpty()) {
            subject += " " + Quote.quote(name);
        } else if (number > 0) {
            subject += " " + number;
        }
        return new GgufException("%s: at byte 0x%X, %s: %s".formatted(file, at, subject, problem));
    }

    /// What the file seems to be instead.
    private String describeMagic() {
        byte[] start = new byte[Math.min(16, bytes.limit())];
        bytes.get(0, start);
        String text = new String(start, ISO_8859_1);
        String known = "";
        if (text.startsWith("lmgg") || text.startsWith("fmgg") || text.startsWith("tjgg")) {
            known = ", a file of before GGUF; convert the model again";
        } else if (text.startsWith("version https://")) {
            known = ", a Git LFS pointer; run 'git lfs pull'";
        } else if (text.startsWith("PK")) {
            known = ", a ZIP archive, perhaps of PyTorch";
        } else if (text.startsWith("<")) {
            known = ", perhaps a web page instead of the download";
        } else if (text.startsWith("{", 8)) {
            known = ", perhaps safetensors";
        }
        return Quote.quote(text.substring(0, 4)) + known;
    }
}
