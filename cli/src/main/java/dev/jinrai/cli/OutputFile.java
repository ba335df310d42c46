package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.model.GgufCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// A file that a command is to write. It takes the place of what has its name, in one step, so that
/// must be a file too.
final class OutputFile {
    private OutputFile() {}

    /// Checks, before the work is done, that its result has a place.
    ///
    /// @param input the file or directory that is read, which must stay
    /// @throws CommandException if `target` is not to be replaced
    /// @throws UsageException if it is `-`
    static void check(Path target, Path input) {
        if (target.toString().equals("-")) {
            throw new UsageException(
                    "wanted a file to write, got '-': nothing of this kind goes to standard output"
                            + " (./- is a file of that name)");
        }
        if (Files.isDirectory(input)) {
            checkOutside(target, input);
        } else {
            checkApart(target, input, "the model");
        }
        // Replacing /dev/null or a directory would be another thing than writing to it.
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw cannotBeWritten(target, "is not a regular file");
        }
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw cannotBeWritten(target, "no directory " + directory);
        }
    }

    /// The same for a model that is open, of whose files all must stay.
    static void check(Path target, Model model) {
        check(target, model.file());
        if (model.checkpoint() instanceof GgufCheckpoint(Gguf gguf)) {
            checkParts(target, gguf);
        }
    }

    /// @param gguf a model in one or several files
    static void checkParts(Path target, Gguf gguf) {
        gguf.files().forEach(part -> checkApart(target, part, "the model"));
    }

    /// What lies beside a model's weights may be read with them, now or by another program: its names are not ours to take, nor
    /// new ones such as `model.safetensors` beside an index. A GGUF file there is none of them.
    private static void checkOutside(Path target, Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(f -> !isGguf(f)).toList()) {
                checkApart(target, file, "a file of the model");
            }
            Path parent = target.toAbsolutePath().getParent();
            if (!isGguf(target)
                    && parent != null
                    && Files.isDirectory(parent)
                    && Files.isSameFile(parent, directory)) {
                throw new CommandException(
                        "%s: is in the model's directory, where only a file named *.gguf is written"
                                .formatted(target));
            }
        } catch (IOException e) {
            throw cannotBeWritten(target, IoProblem.of(e));
        }
    }

    private static boolean isGguf(Path file) {
        return file.toString().endsWith(".gguf");
    }

    /// @param input a file that is read, which must stay
    /// @param what it is
    static void checkApart(Path target, Path input, String what) {
        try {
            if (Files.exists(target) && Files.exists(input) && Files.isSameFile(target, input)) {
                throw new CommandException(
                        "%s: is %s itself, and is not overwritten".formatted(target, what));
            }
        } catch (IOException e) {
            throw cannotBeWritten(target, IoProblem.of(e));
        }
    }

    static CommandException cannotBeWritten(Path target, String problem) {
        return new CommandException("%s: cannot be written: %s".formatted(target, problem));
    }
}
