package dev.jinrai.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file that a command is to write. It takes the place of what has its name, in one step, so that
/// must be a file too.
final class OutputFile {
    private OutputFile() {}

    /// Checks, before the work is done, that its result has a place.
    ///
    /// @param input the file that is read, which must stay
    /// @throws CommandException if `target` is not to be replaced
    static void check(Path target, Path input) {
        checkApart(target, input, "the model");
        // Replacing /dev/null or a directory would be another thing than writing to it.
        if (Files.exists(target) && !Files.isRegularFile(target)) {
            throw cannotBeWritten(target, "is not a regular file");
        }
        Path directory = target.toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw cannotBeWritten(target, "no directory " + directory);
        }
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
