package dev.jinrai.gguf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A file that has no name yet: when the process dies, however it dies, the system forgets it.
///
/// Linux has such files (`O_TMPFILE`, open(2)) on most of its file systems, and gives them a name when they
/// are whole (linkat(2)). Java has no word for them, so these three functions of the C library are called by
/// themselves, if this module may call any (`--enable-native-access=dev.jinrai.core`).
final class UnnamedFile implements AutoCloseable {
    // Of the kernel's uapi/asm-generic/fcntl.h: __O_TMPFILE, O_CLOEXEC, O_RDWR, AT_FDCWD,
    // AT_SYMLINK_FOLLOW.
    private static final int O_TMPFILE = 0x400000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_RDWR = 2;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;

    /// Everybody may read and write, but for what the user's umask takes away.
    private static final int MODE = 0666;

    private final C c;
    private final int descriptor;
    private final FileChannel channel;

    private UnnamedFile(C c, int descriptor, FileChannel channel) {
        this.c = c;
        this.descriptor = descriptor;
        this.channel = channel;
    }

    /// {@return a file in this directory, empty and without a name; nothing where the system, the file system or the
    /// JVM's settings have none}
    ///
    /// @param trial a name that the directory has not, nor has afterwards
    static Optional<UnnamedFile> in(Path directory, Path trial) {
        Optional<Integer> directoryFlag = directoryFlag();
        if (directoryFlag.isEmpty()
                || !directory.getFileSystem().equals(FileSystems.getDefault())) {
            return Optional.empty();
        }
        try {
            C c = new C();
            int flags = O_TMPFILE | directoryFlag.get() | O_RDWR | O_CLOEXEC;
            if (!canBeNamed(c, c.open(directory, flags), trial)) {
                return Optional.empty();
            }
            int descriptor = c.open(directory, flags);
            return descriptor < 0 ? Optional.empty() : Optional.of(opened(c, descriptor));
        } catch (IOException e) {
            return Optional.empty(); // no /proc, for example
        }
    }

    /// Better to hear of it now, from a file that nobody needs, than when hours of work are in one.
    private static boolean canBeNamed(C c, int descriptor, Path trial) throws IOException {
        if (descriptor < 0) {
            return false;
        }
        try {
            return c.link(self(descriptor), trial) && Files.deleteIfExists(trial);
        } finally {
            c.close(descriptor);
        }
    }

    /// {@return O_DIRECTORY, which is not the same number everywhere; nothing where there are no such files, or paths
    /// would be other bytes for Java than for [C]}
    private static Optional<Integer> directoryFlag() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("sun.jnu.encoding", "").equals("UTF-8")
                || !UnnamedFile.class.getModule().isNativeAccessEnabled()) {
            return Optional.empty();
        }
        return switch (System.getProperty("os.arch")) {
            case "amd64" -> Optional.of(0x10000);
            case "aarch64" -> Optional.of(0x4000);
            default -> Optional.empty();
        };
    }

    private static UnnamedFile opened(C c, int descriptor) throws IOException {
        try {
            return new UnnamedFile(c, descriptor, FileChannel.open(self(descriptor), READ, WRITE));
        } catch (IOException e) {
            c.close(descriptor);
            throw e;
        }
    }

    /// {@return a path to what the descriptor has open, whether that has a name or not}
    private static Path self(int descriptor) {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    /// To write it by; closing it does not make the file go away, [#close] does.
    FileChannel channel() {
        return channel;
    }

    /// Gives the file a name.
    ///
    /// @return whether it has it: not if there is such a file already
    boolean link(Path name) {
        return c.link(self(descriptor), name);
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            c.close(descriptor);
        }
    }

    /// Three functions of the C library.
    private static final class C {
        private final MethodHandle open;
        private final MethodHandle linkat;
        private final MethodHandle close;

        @SuppressWarnings("restricted") // in() has asked whether it may
        C() {
            Linker linker = Linker.nativeLinker();
            var functions = linker.defaultLookup();
            open =
                    linker.downcallHandle(
                            functions.findOrThrow("open"),
                            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                            Linker.Option.firstVariadicArg(2));
            linkat =
                    linker.downcallHandle(
                            functions.findOrThrow("linkat"),
                            FunctionDescriptor.of(
                                    JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
            close =
                    linker.downcallHandle(
                            functions.findOrThrow("close"),
                            FunctionDescriptor.of(JAVA_INT, JAVA_INT));
        }

        int open(Path directory, int flags) {
            try (Arena arena = Arena.ofConfined()) {
                return (int) open.invokeExact(text(arena, directory), flags, MODE);
            } catch (Throwable e) {
                throw new AssertionError(e); // the C library throws nothing
            }
        }

        boolean link(Path from, Path to) {
            try (Arena arena = Arena.ofConfined()) {
                int result =
                        (int)
                                linkat.invokeExact(
                                        AT_FDCWD,
                                        text(arena, from),
                                        AT_FDCWD,
                                        text(arena, to),
                                        AT_SYMLINK_FOLLOW);
                return result == 0;
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        void close(int descriptor) {
            try {
                int ignored = (int) close.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new AssertionError(e);
            }
        }

        private static MemorySegment text(Arena arena, Path path) {
            return arena.allocateFrom(path.toString());
        }
    }
}
