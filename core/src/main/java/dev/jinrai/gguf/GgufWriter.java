package dev.jinrai.gguf;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.channels.FileChannel.MapMode.READ_ONLY;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.MetadataValue.Bool;
import dev.jinrai.gguf.MetadataValue.Real;
import dev.jinrai.gguf.MetadataValue.Text;
import dev.jinrai.gguf.MetadataValue.Whole;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Writes GGUF files: collect keys and tensors, then [#write].
///
/// The target appears complete or not at all ([AtomicFile]). A file can therefore be rewritten while it is
/// open as a [Gguf].
///
/// What [Gguf#open] refuses is refused here: a bad key, shape or value when it is added, anything
/// else when the finished file is read back, before it takes the target's place.
public final class GgufWriter {
    /// Bytes given to the channel at a time; it copies them outside the heap first.
    private static final int CHUNK = 1 << 20;

    private final Map<String, MetadataValue> values = new LinkedHashMap<>();
    private final Map<String, Source> tensors = new LinkedHashMap<>();
    private int version = Gguf.MAX_VERSION;
    private long alignment = Gguf.DEFAULT_ALIGNMENT;

    private record Source(TensorInfo tensor, Supplier<MemorySegment> data) {}

    /// Without keys and tensors, of version 3.
    public GgufWriter() {}

    /// Version 3 is the default; 2 has the same layout.
    public GgufWriter version(int version) {
        if (version < Gguf.MIN_VERSION || version > Gguf.MAX_VERSION) {
            throw new IllegalArgumentException("version %d, wanted 2 or 3".formatted(version));
        }
        this.version = version;
        return this;
    }

    /// A key and its value; a second value for a key replaces the first in its place. The key
    /// `general.alignment` also sets the alignment of the tensors.
    public GgufWriter put(String key, MetadataValue value) {
        checkName(key);
        if (key.equals(Gguf.ALIGNMENT_KEY)) {
            if (!Gguf.isAlignment(value)) {
                throw new IllegalArgumentException(
                        "key '%s': wanted a uint32 that is a power of two from 8, got %s"
                                .formatted(key, value));
            }
            alignment = ((Whole) value).value();
        }
        values.put(key, value);
        return this;
    }

    /// Every key of `metadata`.
    public GgufWriter putAll(Metadata metadata) {
        for (String key : metadata.keys()) {
            put(key, metadata.find(key).orElseThrow());
        }
        return this;
    }

    public GgufWriter string(String key, String value) {
        return put(key, new Text(value));
    }

    public GgufWriter uint32(String key, long value) {
        return put(key, new Whole(ValueType.UINT32, value));
    }

    public GgufWriter int32(String key, int value) {
        return put(key, new Whole(ValueType.INT32, value));
    }

    public GgufWriter float32(String key, float value) {
        return put(key, new Real(ValueType.FLOAT32, value));
    }

    public GgufWriter bool(String key, boolean value) {
        return put(key, new Bool(value));
    }

    public GgufWriter strings(String key, List<String> values) {
        List<MetadataValue> elements = new ArrayList<>(values.size());
        values.forEach(value -> elements.add(new Text(value)));
        return put(key, new Array(ValueType.STRING, elements));
    }

    /// An array of `int32`.
    public GgufWriter ints(String key, int... values) {
        List<MetadataValue> elements = new ArrayList<>(values.length);
        for (int value : values) {
            elements.add(new Whole(ValueType.INT32, value));
        }
        return put(key, new Array(ValueType.INT32, elements));
    }

    /// An array of `float32`.
    public GgufWriter floats(String key, float... values) {
        List<MetadataValue> elements = new ArrayList<>(values.length);
        for (float value : values) {
            elements.add(new Real(ValueType.FLOAT32, value));
        }
        return put(key, new Array(ValueType.FLOAT32, elements));
    }

    /// A tensor whose data is made when its turn to be written comes, and let go afterwards: so a
    /// model that is larger than memory can be written.
    ///
    /// @param shape in GGUF order, the length of a row first
    /// @param data exactly the bytes that `type` and `shape` take
    public GgufWriter tensor(
            String name, GgmlType type, List<Long> shape, Supplier<MemorySegment> data) {
        checkName(name);
        var source = new Source(new TensorInfo(name, type, shape, 0), data);
        if (tensors.putIfAbsent(name, source) != null) {
            throw new IllegalArgumentException("two tensors " + Quote.quote(name));
        }
        return this;
    }

    /// A tensor from its bytes, which are read when the file is written.
    public GgufWriter tensor(String name, GgmlType type, List<Long> shape, MemorySegment data) {
        return tensor(name, type, shape, () -> data);
    }

    /// A tensor from its bytes, which are read when the file is written.
    public GgufWriter tensor(String name, GgmlType type, List<Long> shape, byte[] data) {
        return tensor(name, type, shape, MemorySegment.ofArray(data));
    }

    /// An F32 tensor.
    public GgufWriter tensor(String name, List<Long> shape, float[] weights) {
        int length = Math.multiplyExact(weights.length, Float.BYTES);
        ByteBuffer data = ByteBuffer.allocate(length).order(LITTLE_ENDIAN);
        data.asFloatBuffer().put(weights);
        return tensor(name, GgmlType.F32, shape, data.array());
    }

    /// Writes the file. The directory must exist; a file of this name is replaced.
    ///
    /// @throws GgufException if the file cannot be written, or the disk has no room for it; nothing is left behind then
    /// @throws IllegalArgumentException if a tensor's data has not the length its shape needs
    public void write(Path target) {
        ByteBuffer header = header();
        try (var file = AtomicFile.create(target)) {
            checkRoom(target, padded(header.limit()) + dataBytes());
            writeTo(file.channel(), header);
            readBack(target, file.channel());
            file.commit();
        } catch (IOException e) {
            throw failure(target, Quote.printable(problem(e)), e);
        }
    }

    /// The bytes of all tensors, each padded to the alignment.
    public long dataBytes() {
        return tensors.values().stream().mapToLong(t -> padded(t.tensor().byteSize())).sum();
    }

    /// Better before hours of work than after: whoever makes the tensors while they are written may need them.
    private static void checkRoom(Path target, long size) throws IOException {
        Path directory = target.toAbsolutePath().getParent();
        var store = Files.getFileStore(directory == null ? target : directory);
        long room = store.getUsableSpace();
        if (store.getTotalSpace() > 0 && room < size) { // some file systems do not say
            throw failure(target, "it takes %d bytes, the disk has %d".formatted(size, room), null);
        }
    }

    private ByteBuffer header() {
        Header header = new Header();
        header.int32(Gguf.MAGIC);
        header.int32(version);
        header.int64(tensors.size());
        header.int64(values.size());
        values.forEach((key, value) -> {
            header.string(key);
            header.int32(value.type().id());
            header.value(value);
        });
        long offset = 0;
        for (Source source : tensors.values()) {
            header.tensor(source.tensor(), offset);
            offset += padded(source.tensor().byteSize());
        }
        return header.bytes.flip();
    }

    private void writeTo(FileChannel channel, ByteBuffer header) throws IOException {
        while (header.hasRemaining()) {
            channel.write(header);
        }
        for (Source source : tensors.values()) {
            pad(channel);
            writeData(channel, source);
        }
        pad(channel);
    }

    private static void writeData(FileChannel channel, Source source) throws IOException {
        TensorInfo tensor = source.tensor();
        MemorySegment data = source.data().get();
        if (data.byteSize() != tensor.byteSize()) {
            throw new IllegalArgumentException(
                    "tensor %s: %s %s needs %d bytes, got %d"
                            .formatted(
                                    Quote.quote(tensor.name()),
                                    tensor.shape(),
                                    tensor.type(),
                                    tensor.byteSize(),
                                    data.byteSize()));
        }
        for (long done = 0; done < data.byteSize(); ) {
            long length = Math.min(data.byteSize() - done, CHUNK);
            ByteBuffer chunk = data.asSlice(done, length).asByteBuffer();
            while (chunk.hasRemaining()) {
                channel.write(chunk);
            }
            done += length;
        }
    }

    private void pad(FileChannel channel) throws IOException {
        // A gap reads as zeros and, unlike a buffer of them, does not mind an alignment of 2^31.
        long end = padded(channel.position());
        if (end > channel.position()) {
            channel.write(ByteBuffer.allocate(1), end - 1);
            channel.position(end);
        }
    }

    private long padded(long length) {
        return (length + alignment - 1) / alignment * alignment;
    }

    /// Whatever the reader refuses is refused here, in the reader's words.
    private static void readBack(Path target, FileChannel channel) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            new GgufReader(target, channel.map(READ_ONLY, 0, channel.size(), arena)).read();
        }
    }

    /// {@return what went wrong, without the name under which the file is written until it is whole}
    private static String problem(IOException e) {
        return switch (e) {
            case AccessDeniedException _ -> "permission denied";
            case NoSuchFileException _ -> "its directory takes no new files";
            case FileSystemException f when f.getReason() != null -> "" + f.getReason();
            default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        };
    }

    private static GgufException failure(Path target, String problem, @Nullable Throwable cause) {
        return new GgufException(
                "%s: cannot be written: %s".formatted(Quote.printable(target.toString()), problem),
                cause);
    }

    private static void checkName(String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException("empty name");
        }
    }

    /// The encoded keys and tensor table, growing.
    private static final class Header {
        private ByteBuffer bytes = ByteBuffer.allocate(1 << 16).order(LITTLE_ENDIAN);

        private ByteBuffer room(int length) {
            if (bytes.remaining() < length) {
                long needed = (long) bytes.position() + length;
                if (needed > GgufReader.MAX_HEADER) {
                    throw new IllegalArgumentException(
                            "keys and tensor table of more than %d bytes"
                                    .formatted(GgufReader.MAX_HEADER));
                }
                int capacity = (int) Math.min(needed * 2, GgufReader.MAX_HEADER);
                bytes = ByteBuffer.allocate(capacity).order(LITTLE_ENDIAN).put(bytes.flip());
            }
            return bytes;
        }

        private void int32(int value) {
            room(Integer.BYTES).putInt(value);
        }

        private void int64(long value) {
            room(Long.BYTES).putLong(value);
        }

        private void string(String text) {
            byte[] raw = Utf8.encode(text);
            int64(raw.length);
            room(raw.length).put(raw);
        }

        private void value(MetadataValue value) {
            switch (value) {
                case Whole(ValueType type, long whole) -> {
                    switch (type.bytes()) {
                        case 1 -> room(1).put((byte) whole);
                        case 2 -> room(2).putShort((short) whole);
                        case 4 -> int32((int) whole);
                        default -> int64(whole);
                    }
                }
                case Real(ValueType type, double real) -> {
                    if (type == ValueType.FLOAT32) {
                        int32(Float.floatToRawIntBits((float) real));
                    } else {
                        int64(Double.doubleToRawLongBits(real));
                    }
                }
                case Bool(boolean bool) -> room(1).put((byte) (bool ? 1 : 0));
                case Text(String text) -> string(text);
                case Array(ValueType type, List<MetadataValue> elements) -> {
                    int32(type.id());
                    int64(elements.size());
                    elements.forEach(this::value);
                }
            }
        }

        private void tensor(TensorInfo tensor, long offset) {
            string(tensor.name());
            int32(tensor.shape().size());
            tensor.shape().forEach(this::int64);
            int32(tensor.type().id());
            int64(offset);
        }
    }
}
