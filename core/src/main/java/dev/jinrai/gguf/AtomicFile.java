package dev.jinrai.gguf;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// # A file that appears whole or not at all
///
/// ```java
/// try (var file = AtomicFile.create(target)) {
///     file.channel().write(…);
///     file.commit();      // on the disk now, and under its name
/// }                       // what was not committed is gone
/// ```
/// What has the target's name stays what it is until [#commit] replaces it in one step; so a file can be
/// rewritten while it is mapped.
///
/// Until then the bytes are in a file without a name where the system has such ([UnnamedFile]): nothing of it is
/// left when the process is killed. Elsewhere they are in a file `.jinrai-….part` beside the target. It goes when this one
/// is closed and when the JVM ends, also by a signal; only what gives the JVM no time (`kill -9`, a power cut) leaves it. Its
/// writer holds a lock on it, which the system takes away with the process: whoever writes a file into that directory next removes those that nobody holds.
public final class AtomicFile implements AutoCloseable {
    private static final Pattern PART = Pattern.compile("\\.jinrai-[0-9a-f-]{36}\\.part");

    /// Names that this JVM may use now: a JVM does not see its own locks, and loses them if it looks.
    private static final Set<Path> OURS = ConcurrentHashMap.newKeySet();

    private final Path target;
    private final Path part;
    private final FileChannel channel;
    private final @Nullable UnnamedFile unnamed;

    private AtomicFile(Path target, Path part, FileChannel channel, @Nullable UnnamedFile unnamed) {
        this.target = target;
        this.part = part;
        this.channel = channel;
        this.unnamed = unnamed;
    }

    /// Begins a file that is to become `target`, in its directory.
    ///
    /// @throws FileSystemException if there is no such directory
    public static AtomicFile create(Path target) throws IOException {
        return create(target, true);
    }

    /// @param mayBeUnnamed whether to use a file without a name where there is such a thing
    static AtomicFile create(Path target, boolean mayBeUnnamed) throws IOException {
        Path absolute = target.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new FileSystemException(target.toString(), null, "no directory " + parent);
        }
        Path directory = parent.toRealPath(); // one spelling, for OURS
        removeLeftovers(directory);
        while (true) {
            Path part = directory.resolve(".jinrai-%s.part".formatted(UUID.randomUUID()));
            OURS.add(part);
            boolean created = false;
            try {
                Optional<UnnamedFile> unnamed =
                        mayBeUnnamed ? UnnamedFile.in(directory, part) : Optional.empty();
                FileChannel channel = unnamed.isPresent() ? unnamed.get().channel() : open(part);
                var file = new AtomicFile(absolute, part, channel, unnamed.orElse(null));
                // Another process may have seen the new file before it was locked, and thought it
                // dead.
                created = unnamed.isPresent() || Files.exists(part);
                if (created) {
                    return file;
                }
                channel.close();
            } finally {
                if (!created) {
                    OURS.remove(part);
                }
            }
        }
    }

    private static FileChannel open(Path part) throws IOException {
        FileChannel channel = FileChannel.open(part, CREATE_NEW, READ, WRITE);
        removeAtExit(part);
        lock(channel);
        return channel;
    }

    /// The bytes, to be written and read.
    public FileChannel channel() {
        return channel;
    }

    /// Brings everything to the disk and gives it the target's name.
    public void commit() throws IOException {
        channel.force(true);
        if (unnamed != null) {
            removeAtExit(part);
            lock(channel);
            if (!unnamed.link(part)) {
                throw new FileSystemException(
                        target.toString(), null, "the finished file cannot be given a name");
            }
        }
        Files.move(part, target, ATOMIC_MOVE);
        forceDirectory();
    }

    /// The new name survives a power cut too, where a directory can be told so.
    private void forceDirectory() {
        try (FileChannel directory = FileChannel.open(target.resolveSibling(""), READ)) {
            directory.force(true);
        } catch (IOException ignored) {
            // Not every system lets Java open a directory; the file is whole all the same.
        }
    }

    /// Removes what was not committed.
    @Override
    public void close() {
        try {
            Files.deleteIfExists(part); // before the lock goes: nobody else looks at it
        } catch (IOException ignored) {
            // It is removed by the next.
        }
        try {
            if (unnamed == null) {
                channel.close();
            } else {
                unnamed.close();
            }
        } catch (IOException ignored) {
            // What counts was forced to the disk.
        }
        OURS.remove(part);
    }

    /// A lock that is gone when this process is. Where there are no locks, leftovers stay.
    private static void lock(FileChannel channel) {
        try {
            FileLock ignored = channel.lock();
        } catch (IOException ignored) {
            // As said.
        }
    }

    private static void removeAtExit(Path part) {
        try {
            part.toFile().deleteOnExit();
        } catch (UnsupportedOperationException | IllegalStateException ignored) {
            // Not a file of this system, or the JVM ends already.
        }
    }

    /// Removes the parts of processes that are dead.
    private static void removeLeftovers(Path directory) {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, ".jinrai-*.part")) {
            for (Path part : parts) {
                if (PART.matcher(part.getFileName().toString()).matches()
                        && !OURS.contains(part)
                        && Files.isRegularFile(part)) {
                    removeIfNobodys(part);
                }
            }
        } catch (IOException ignored) {
            // A directory that cannot be listed, perhaps: nothing depends on it.
        }
    }

    private static void removeIfNobodys(Path part) {
        try (FileChannel channel = FileChannel.open(part, WRITE)) {
            try (FileLock lock = channel.tryLock()) {
                if (lock != null) {
                    Files.deleteIfExists(part);
                }
            }
        } catch (IOException ignored) {
            // Another user's, or gone meanwhile.
        }
    }
}
