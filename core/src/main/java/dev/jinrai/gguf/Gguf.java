package dev.jinrai.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// # GGUF — a model file, mapped into memory
///
/// ```text
/// byte 0        4         8              16          24
///      ┌────────┬─────────┬──────────────┬───────────┬──────┬──────────────┬─────────┬──────┐
///      │ "GGUF" │ version │ tensor count │ key count │ keys │ tensor table │ padding │ data │
///      │        │ u32     │ u64          │ u64       │      │              │         │      │
///      └────────┴─────────┴──────────────┴───────────┴──────┴──────────────┴─────────┴──────┘
/// key     name string · type u32 · value
/// tensor  name string · dimensions u32 · extents u64, fastest first · type u32 · offset u64
/// string  length u64, in bytes · UTF-8, no terminator
/// array   element type u32 · length u64 · elements
/// ```
///
/// Everything is little-endian. Versions 2 and 3 have this layout; version 1 had 32-bit counts.
/// Offsets count from the start of the tensor data, which begins, like each tensor in it, at a
/// multiple of `general.alignment` (32 if the key is missing).
///
/// The metadata and the tensor table are read and checked when the file is opened; tensor data is
/// left to the operating system to page in. A `Gguf` is immutable and can be shared by threads. It
/// owns the mapping: after [#close()], access to tensor data and to elements of arrays throws
/// `IllegalStateException`.
///
/// Source: docs/gguf.md in the ggml repository, and the checks of `gguf_init_from_file`
/// (ggml 0.27.0). This reader is stricter where a file would be ambiguous (overlapping tensors,
/// bytes other than 0 and 1 for a bool, text that is not UTF-8) and more liberal where it is not
/// (arrays of arrays, gaps between tensors, long names).
public final class Gguf implements AutoCloseable {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    static final int MIN_VERSION = 2;
    static final int MAX_VERSION = 3;
    static final String ALIGNMENT_KEY = "general.alignment";
    static final int DEFAULT_ALIGNMENT = 32;

    private final Path file;
    private final Arena arena;
    private final MemorySegment mapping;
    private final Header header;
    private final List<TensorInfo> tensors;

    /// What precedes the tensor data; the tensors by name, in file order.
    record Header(
            int version,
            long alignment,
            long dataOffset,
            Metadata metadata,
            Map<String, TensorInfo> tensors) {}

    private Gguf(Path file, Arena arena, MemorySegment mapping, Header header) {
        this.file = file;
        this.arena = arena;
        this.mapping = mapping;
        this.header = header;
        this.tensors = List.copyOf(header.tensors().values());
    }

    /// Maps a file and reads everything but the tensor data.
    ///
    /// @throws GgufException if the file cannot be read or is not a GGUF file that holds together
    public static Gguf open(Path file) {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            MemorySegment mapping = map(file, arena);
            Gguf gguf = new Gguf(file, arena, mapping, new GgufReader(file, mapping).read());
            opened = true;
            return gguf;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (attributes.isDirectory()) {
                throw failure(file, "is a directory, wanted a GGUF file", null);
            }
            if (!attributes.isRegularFile()) { // opening a pipe would wait for its writer
                throw failure(file, "is not a regular file", null);
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                long size = channel.size();
                if (size == 0) {
                    throw failure(file, "is empty, wanted a GGUF file", null);
                }
                return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            }
        } catch (NoSuchFileException e) {
            throw failure(file, "no such file", e);
        } catch (AccessDeniedException e) {
            throw failure(file, "permission denied", e);
        } catch (IOException | UnsupportedOperationException e) {
            throw failure(file, "cannot be mapped into memory: " + Quote.printable("" + e), e);
        }
    }

    private static GgufException failure(Path file, String problem, @Nullable Throwable cause) {
        return new GgufException(Quote.printable(file.toString()) + ": " + problem, cause);
    }

    /// A power of two, as ggml demands, and a multiple of 8, as the specification does.
    static boolean isAlignment(MetadataValue value) {
        return value instanceof MetadataValue.Whole(ValueType type, long alignment)
                && type == ValueType.UINT32
                && alignment >= 8
                && Long.bitCount(alignment) == 1;
    }

    /// The file, as it was given.
    public Path file() {
        return file;
    }

    /// The version of the container, 2 or 3.
    public int version() {
        return header.version();
    }

    /// Every tensor starts at a multiple of this many bytes from [#dataOffset()].
    public long alignment() {
        return header.alignment();
    }

    /// Where the tensor data begins, in bytes from the start of the file.
    public long dataOffset() {
        return header.dataOffset();
    }

    /// The key-value section.
    public Metadata metadata() {
        return header.metadata();
    }

    /// The tensors, in the order of the table.
    public List<TensorInfo> tensors() {
        return tensors;
    }

    /// The tensor of this name, if there is one.
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(header.tensors().get(name));
    }

    /// {@return the bytes of a tensor: a read-only slice of the mapping, nothing is copied}
    ///
    /// @throws IllegalArgumentException if the tensor is not one of this file
    /// @throws IllegalStateException if the file is closed
    public MemorySegment data(TensorInfo tensor) {
        if (!tensor.equals(header.tensors().get(tensor.name()))) {
            throw new IllegalArgumentException(
                    "%s: has no tensor %s".formatted(file, Quote.quote(tensor.name())));
        }
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(file + " is closed");
        }
        return mapping.asSlice(tensor.offset(), tensor.byteSize());
    }

    /// Unmaps the file; a second call does nothing.
    ///
    /// @throws IllegalStateException if another thread is inside an access to the data
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
