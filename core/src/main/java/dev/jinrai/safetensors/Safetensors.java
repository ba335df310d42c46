package dev.jinrai.safetensors;

import dev.jinrai.gguf.Quote;
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

/// # Safetensors — tensors in a file, mapped into memory
///
/// ```text
/// byte 0            8                      8 + n
///      ┌────────────┬──────────────────────┬──────────────────┐
///      │ n, u64     │ table, n bytes JSON  │ data             │
///      └────────────┴──────────────────────┴──────────────────┘
/// table  {"NAME": {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [begin, end]}, …,
///         "__metadata__": {"KEY": "TEXT", …}}
/// ```
/// Everything is little-endian. Offsets count from the start of the data; the tensors cover it without gap and overlap. Spaces may
/// follow the table, so that the data is aligned.
///
/// The table is read and checked when the file is opened; the data is left to the operating system to page in. A `Safetensors` is
/// immutable and can be shared by threads. It owns the mapping: after [#close()], access to the data throws
/// `IllegalStateException`.
///
/// Source: README.md and `SafeTensors::read_metadata` of Hugging Face's safetensors 0.8. This reader is stricter where a file would be
/// ambiguous (keys that it does not know, a name that stands twice) and takes tables of up to 32 MiB instead of 100 MB.
public final class Safetensors implements AutoCloseable {
    private final Path file;
    private final Arena arena;
    private final MemorySegment mapping;
    private final Table table;

    /// What precedes the data; the tensors by name, in the table's order.
    record Table(Map<String, String> metadata, Map<String, TensorEntry> tensors) {}

    private Safetensors(Path file, Arena arena, MemorySegment mapping, Table table) {
        this.file = file;
        this.arena = arena;
        this.mapping = mapping;
        this.table = table;
    }

    /// Maps a file and reads its table.
    ///
    /// @throws SafetensorsException if the file cannot be read or is not one that holds together
    public static Safetensors open(Path file) {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            MemorySegment mapping = map(file, arena);
            var safetensors =
                    new Safetensors(
                            file, arena, mapping, new SafetensorsReader(file, mapping).read());
            opened = true;
            return safetensors;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    private static MemorySegment map(Path file, Arena arena) {
        String name = Quote.printable(file.toString());
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) { // opening a pipe would wait for its writer
                throw new SafetensorsException(name + ": is not a regular file");
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                long size = channel.size();
                if (size == 0) {
                    throw new SafetensorsException(name + ": is empty, wanted a safetensors file");
                }
                return channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            }
        } catch (NoSuchFileException e) {
            throw new SafetensorsException(name + ": no such file", e);
        } catch (AccessDeniedException e) {
            throw new SafetensorsException(name + ": permission denied", e);
        } catch (IOException | UnsupportedOperationException e) {
            throw new SafetensorsException(
                    name + ": cannot be mapped into memory: " + Quote.printable("" + e), e);
        }
    }

    /// The file, as it was given.
    public Path file() {
        return file;
    }

    /// The length of the file, in bytes.
    public long fileBytes() {
        return mapping.byteSize();
    }

    /// The texts of `__metadata__`, in the table's order.
    public Map<String, String> metadata() {
        return table.metadata();
    }

    /// The tensors, in the order of the table.
    public List<TensorEntry> tensors() {
        return List.copyOf(table.tensors().values());
    }

    /// The tensor of this name, if there is one.
    public Optional<TensorEntry> tensor(String name) {
        return Optional.ofNullable(table.tensors().get(name));
    }

    /// {@return the bytes of a tensor: a read-only slice of the mapping, nothing is copied}
    ///
    /// @throws IllegalArgumentException if the tensor is not one of this file
    /// @throws IllegalStateException if the file is closed
    public MemorySegment data(TensorEntry tensor) {
        if (!tensor.equals(table.tensors().get(tensor.name()))) {
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
