package dev.jinrai.safetensors;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.jinrai.gguf.Quote;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;
import dev.jinrai.json.JsonValue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the table of a file, and believes none of it.
///
/// Its length is compared with a limit and with the file before anything is allocated for it; the number of values in it is limited
/// too. The limits are far from what models need: the largest published tables have about 100,000 tensors in 15 MB.
final class SafetensorsReader {
    /// Bytes of the table.
    static final int MAX_TABLE = 32 << 20;

    /// JSON values in the table; a tensor of two dimensions takes eight.
    static final int MAX_VALUES = 1 << 21;

    private static final ValueLayout.OfLong U64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final String METADATA = "__metadata__";
    private static final int LENGTH = Long.BYTES;

    private final String file;
    private final MemorySegment mapping;

    SafetensorsReader(Path file, MemorySegment mapping) {
        this.file = Quote.printable(file.toString());
        this.mapping = mapping;
    }

    Safetensors.Table read() {
        byte[] bytes = table();
        JsonNode root;
        try {
            root = Json.parse(bytes, MAX_VALUES);
        } catch (JsonException e) {
            throw fail("the table is not JSON: " + e.getMessage());
        }
        try {
            return read(root, LENGTH + (long) bytes.length);
        } catch (JsonException e) { // names the tensor
            throw fail(Quote.printable("" + e.getMessage()));
        }
    }

    private byte[] table() {
        long size = mapping.byteSize();
        if (size < LENGTH) {
            throw fail("%d bytes, wanted a table's length in 8".formatted(size));
        }
        long length = mapping.get(U64, 0);
        if (length < 0 || length > MAX_TABLE) {
            throw fail(
                    "at byte 0x0: a table of %s bytes, at most %d are supported%s"
                            .formatted(Long.toUnsignedString(length), MAX_TABLE, described()));
        }
        if (length > size - LENGTH) {
            throw fail(
                    "at byte 0x0: a table of %d bytes runs %d past the end; is the file complete?"
                            .formatted(length, length - (size - LENGTH)));
        }
        byte[] bytes = mapping.asSlice(LENGTH, length).toArray(ValueLayout.JAVA_BYTE);
        if (bytes.length == 0 || bytes[0] != '{') {
            throw fail("at byte 0x8: wanted the '{' of the table");
        }
        return bytes;
    }

    private Safetensors.Table read(JsonNode root, long dataOffset) {
        Map<String, String> metadata = new LinkedHashMap<>();
        List<TensorEntry> tensors = new ArrayList<>();
        for (String name : root.members().keySet()) {
            JsonNode node = root.get(name);
            if (name.equals(METADATA)) {
                node.members().keySet().forEach(key -> metadata.put(key, node.get(key).text()));
            } else if (name.isEmpty()) {
                throw node.wrong("a tensor without a name");
            } else {
                tensors.add(tensor(name, node, dataOffset));
            }
        }
        checkCover(tensors, dataOffset);
        Map<String, TensorEntry> byName = LinkedHashMap.newLinkedHashMap(tensors.size());
        tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
        return new Safetensors.Table(
                Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(byName));
    }

    private static TensorEntry tensor(String name, JsonNode node, long dataOffset) {
        for (String key : node.members().keySet()) {
            if (!key.equals("dtype") && !key.equals("shape") && !key.equals("data_offsets")) {
                throw node.get(key).wrong("unknown; a tensor has dtype, shape and data_offsets");
            }
        }
        String typeName = node.get("dtype").text();
        DType type =
                DType.named(typeName)
                        .orElseThrow(() ->
                                node.get("dtype")
                                        .wrong("%s is unknown".formatted(Quote.quote(typeName))));
        List<Long> shape = new ArrayList<>();
        for (JsonNode extent : node.get("shape").items()) {
            shape.add(whole(extent));
        }
        List<JsonNode> offsets = node.get("data_offsets").items();
        if (offsets.size() != 2) {
            throw node.get("data_offsets")
                    .wrong("wanted a begin and an end, got %d items".formatted(offsets.size()));
        }
        long begin = whole(offsets.getFirst());
        long end = whole(offsets.getLast());
        if (begin > end) {
            throw node.get("data_offsets").wrong("begins at %d, ends at %d".formatted(begin, end));
        }
        long needed = needed(node, type, shape);
        if (needed != end - begin) {
            throw node.get("data_offsets")
                    .wrong(
                            "%s %s needs %d bytes, got %d"
                                    .formatted(shape, type, needed, end - begin));
        }
        return new TensorEntry(name, type, shape, dataOffset + begin, needed);
    }

    private static long needed(JsonNode node, DType type, List<Long> shape) {
        try {
            long elements = 1;
            for (long extent : shape) {
                elements = Math.multiplyExact(elements, extent);
            }
            return type.byteSize(elements);
        } catch (ArithmeticException e) {
            throw node.get("shape")
                    .wrong("no tensor has the shape %s in %s".formatted(shape, type));
        }
    }

    /// A whole number from 0 to 10¹⁵, written as one.
    private static long whole(JsonNode node) {
        if (node.value() instanceof JsonValue.Numeral(String literal)
                && literal.matches("[0-9]{1,15}")) {
            return Long.parseLong(literal);
        }
        node.real(); // throws if it is no number
        throw node.wrong(
                "wanted a whole number from 0 to 999999999999999, got %s"
                        .formatted(Quote.quote(((JsonValue.Numeral) node.value()).literal())));
    }

    /// The tensors lie one behind the other, from the first byte of the data to the last.
    private void checkCover(List<TensorEntry> tensors, long dataOffset) {
        List<TensorEntry> sorted = new ArrayList<>(tensors);
        sorted.sort(
                Comparator.comparingLong(TensorEntry::offset)
                        .thenComparingLong(TensorEntry::byteSize));
        long size = mapping.byteSize();
        long at = dataOffset;
        String previous = "";
        for (TensorEntry tensor : sorted) {
            String name = Quote.quote(tensor.name());
            if (tensor.offset() < at) {
                throw fail(
                        "tensor %s: offset %d lies %d bytes before the end of tensor %s"
                                .formatted(
                                        name,
                                        tensor.offset() - dataOffset,
                                        at - tensor.offset(),
                                        previous));
            }
            if (tensor.offset() > size || tensor.byteSize() > size - tensor.offset()) {
                throw fail(
                        "tensor %s: ends after %d bytes of data, the file after %d; is it complete?"
                                .formatted(
                                        name,
                                        tensor.offset() + tensor.byteSize() - dataOffset,
                                        size - dataOffset));
            }
            if (tensor.offset() > at) {
                throw fail(
                        "tensor %s: the %d bytes before its data belong to no tensor"
                                .formatted(name, tensor.offset() - at));
            }
            at = tensor.offset() + tensor.byteSize();
            previous = name;
        }
        if (at < size) {
            throw fail("the last %d bytes belong to no tensor".formatted(size - at));
        }
    }

    private SafetensorsException fail(String problem) {
        return new SafetensorsException(file + ": " + problem);
    }

    /// What the file seems to be instead.
    private String described() {
        byte[] start = mapping.asSlice(0, LENGTH).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(start, ISO_8859_1);
        if (text.startsWith("GGUF")) {
            return "; this is a GGUF file";
        } else if (text.startsWith("version ")) {
            return "; perhaps a Git LFS pointer: run 'git lfs pull'";
        } else if (text.startsWith("PK")) {
            return "; perhaps a ZIP archive of PyTorch";
        } else if (text.startsWith("<")) {
            return "; perhaps a web page instead of the download";
        }
        return "";
    }
}
