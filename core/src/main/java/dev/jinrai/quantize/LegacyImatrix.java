package dev.jinrai.quantize;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jinrai.quantize.Imatrix.Entry;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/// # `imatrix.dat`: importance matrices before they were GGUF
///
/// ```text
/// entries u32, each: name string · calls u32 · values u32 · values × f32
/// at the end, may be missing: chunks u32 · dataset string
/// string: length u32, bytes
/// ```
/// Little-endian, without a magic number. A value is a mean of squares times `calls`; a matrix that saw no token has a mean of 1.
///
/// Source: `llama-imatrix --output-format dat` (llama.cpp 0.7.0).
final class LegacyImatrix {
    private static final int GGUF = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;

    /// These files have a name and a row of floats for each matrix of a model; the largest known is 300 MB.
    private static final long LARGEST = 1L << 30;

    private static final int LONGEST_NAME = 1 << 12;

    private final Path file;
    private final ByteBuffer in;

    private LegacyImatrix(Path file, ByteBuffer in) {
        this.file = file;
        this.in = in;
    }

    /// {@return what is in the file; nothing if it is GGUF, or cannot be read, which the reader of GGUF says better}
    ///
    /// @throws QuantizationException if it is neither
    static Optional<Imatrix> read(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer start = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            if (channel.read(start, 0) < Integer.BYTES || start.getInt(0) == GGUF) {
                return Optional.empty();
            }
            var reader = new LegacyImatrix(file, content(file, channel));
            return Optional.of(reader.imatrix());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static ByteBuffer content(Path file, FileChannel channel) throws IOException {
        if (channel.size() > LARGEST) {
            throw neither(file);
        }
        ByteBuffer content =
                ByteBuffer.allocate((int) channel.size()).order(ByteOrder.LITTLE_ENDIAN);
        while (content.hasRemaining() && channel.read(content) >= 0) {
            // once is not always enough
        }
        return content.flip();
    }

    private Imatrix imatrix() {
        var entries = new TreeMap<String, Entry>();
        try {
            int count = in.getInt();
            if (count <= 0) {
                throw neither(file);
            }
            for (int i = 0; i < count; i++) {
                entries.put(string(), entry());
            }
            int chunks = in.remaining() >= Integer.BYTES ? in.getInt() : 0;
            List<String> datasets = in.remaining() >= Integer.BYTES ? List.of(string()) : List.of();
            return new Imatrix(datasets, Math.max(0, chunks), 0, entries);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw neither(file);
        }
    }

    private Entry entry() {
        int calls = in.getInt();
        int count = in.getInt();
        if (count <= 0 || count > in.remaining() / Float.BYTES) {
            throw neither(file);
        }
        float[] sums = new float[count];
        in.asFloatBuffer().get(sums);
        in.position(in.position() + count * Float.BYTES);
        // Without calls the values are what they are.
        return new Entry(sums, new float[] {Math.max(1, calls)});
    }

    private String string() {
        int length = in.getInt();
        if (length < 0 || length > Math.min(LONGEST_NAME, in.remaining())) {
            throw neither(file);
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static QuantizationException neither(Path file) {
        return new QuantizationException(
                "%s: is not an importance matrix, neither as GGUF nor in the older form"
                        .formatted(file));
    }
}
