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
import java.util.ArrayList;
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
/// A large model may lie in several such files, which [Parts] finds; they are one `Gguf`, whose
/// metadata are those of the first.
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

    private final Arena arena;
    private final List<Part> parts;
    private final Map<String, Placed> places;
    private final List<TensorInfo> tensors;

    /// What precedes the tensor data; the tensors by name, in file order.
    record Header(
            int version,
            long alignment,
            long dataOffset,
            Metadata metadata,
            Map<String, TensorInfo> tensors) {}

    /// One file, mapped.
    record Part(Path file, MemorySegment mapping, Header header) {
        static Part open(Path file, Arena arena) {
            MemorySegment mapping = map(file, arena);
            return new Part(file, mapping, new GgufReader(file, mapping).read());
        }

        Metadata metadata() {
            return header.metadata();
        }
    }

    /// A tensor and the part it lies in.
    record Placed(TensorInfo tensor, Part part) {}

    private Gguf(Arena arena, List<Part> parts) {
        this.arena = arena;
        this.parts = List.copyOf(parts);
        this.places = Parts.join(parts);
        List<TensorInfo> all = new ArrayList<>(places.size());
        for (Placed placed : places.values()) {
            all.add(placed.tensor());
        }
        this.tensors = List.copyOf(all);
    }

    /// Maps a file, and the others if it is the first of several, and reads everything but the
    /// tensor data.
    ///
    /// @throws GgufException if a file cannot be read or is not a GGUF file that holds together, or
    /// the files are not the parts of one model
    public static Gguf open(Path file) {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            Gguf gguf = new Gguf(arena, Parts.open(Part.open(file, arena), arena));
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

    static GgufException failure(Path file, String problem, @Nullable Throwable cause) {
        return new GgufException(Quote.printable(file.toString()) + ": " + problem, cause);
    }

    /// A power of two, as ggml demands, and a multiple of 8, as the specification does.
    static boolean isAlignment(MetadataValue value) {
        return value instanceof MetadataValue.Whole(ValueType type, long alignment)
                && type == ValueType.UINT32
                && alignment >= 8
                && Long.bitCount(alignment) == 1;
    }

    /// The file, as it was given; of several, the first.
    public Path file() {
        return parts.getFirst().file();
    }

    /// All files of the model, in order: one, unless it is split.
    public List<Path> files() {
        return parts.stream().map(Part::file).toList();
    }

    /// {@return the file in which a tensor lies, from whose start its offset counts}
    ///
    /// @throws IllegalArgumentException if the tensor is not one of this model
    public Path file(TensorInfo tensor) {
        return part(tensor).file();
    }

    /// The version of the container, 2 or 3; that of the first file, as all that follows.
    public int version() {
        return first().version();
    }

    /// Every tensor starts at a multiple of this many bytes from [#dataOffset()].
    public long alignment() {
        return first().alignment();
    }

    /// Where the tensor data begins, in bytes from the start of the file.
    public long dataOffset() {
        return first().dataOffset();
    }

    /// The key-value section.
    public Metadata metadata() {
        return first().metadata();
    }

    private Header first() {
        return parts.getFirst().header();
    }

    /// The tensors of all files, in the order of their tables.
    public List<TensorInfo> tensors() {
        return tensors;
    }

    /// The tensor of this name, if there is one.
    public Optional<TensorInfo> tensor(String name) {
        return Optional.ofNullable(places.get(name)).map(Placed::tensor);
    }

    /// {@return the bytes of a tensor: a read-only slice of the mapping, nothing is copied}
    ///
    /// @throws IllegalArgumentException if the tensor is not one of this file
    /// @throws IllegalStateException if the file is closed
    public MemorySegment data(TensorInfo tensor) {
        Part part = part(tensor);
        if (!arena.scope().isAlive()) {
            throw new IllegalStateException(part.file() + " is closed");
        }
        return part.mapping().asSlice(tensor.offset(), tensor.byteSize());
    }

    private Part part(TensorInfo tensor) {
        Placed placed = places.get(tensor.name());
        if (placed == null || !placed.tensor().equals(tensor)) {
            throw new IllegalArgumentException(
                    "%s: has no tensor %s".formatted(file(), Quote.quote(tensor.name())));
        }
        return placed.part();
    }

    /// Unmaps all files; a second call does nothing.
    ///
    /// @throws IllegalStateException if another thread is inside an access to the data
    @Override
    public synchronized void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
