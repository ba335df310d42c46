package dev.jinrai.cli;

import dev.jinrai.quantize.Imatrix;
import dev.jinrai.quantize.QuantizedFile.Importance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Which importance matrix, and how much of it.
@Command
final class ImportanceArguments {
    @Option(
            names = "--imatrix",
            paramLabel = "FILE",
            description =
                    "An importance matrix, of 'jinrai imatrix' or llama-imatrix: weights that meet"
                            + " large inputs are kept more exact.")
    private Optional<Path> file = Optional.empty();

    @Option(
            names = "--include-weights",
            paramLabel = "NAME",
            description =
                    "Use it for tensors with this text in their name only; may be given several"
                            + " times.")
    private List<String> include = new ArrayList<>();

    @Option(
            names = "--exclude-weights",
            paramLabel = "NAME",
            description = "Do not use it for these.")
    private List<String> exclude = new ArrayList<>();

    /// @param out a file that is written, and so must be another; may be none
    /// @throws UsageException if an option means nothing
    Optional<Importance> read(Optional<Path> out) {
        if (!include.isEmpty() && !exclude.isEmpty()) {
            throw new UsageException("--include-weights and --exclude-weights exclude each other");
        }
        if (file.isEmpty()) {
            if (!include.isEmpty() || !exclude.isEmpty()) {
                throw new UsageException(
                        "--include-weights and --exclude-weights: wanted with --imatrix FILE");
            }
            return Optional.empty();
        }
        Path path = file.get();
        out.ifPresent(target -> OutputFile.checkApart(target, path, "the importance matrix"));
        Imatrix imatrix = Imatrix.read(path);
        if (!include.isEmpty()) {
            imatrix = imatrix.including(include);
        }
        imatrix = exclude.isEmpty() ? imatrix : imatrix.excluding(exclude);
        if (imatrix.entries().isEmpty()) {
            throw new CommandException(
                    "%s: no tensor is in it%s"
                            .formatted(
                                    path,
                                    include.isEmpty() && exclude.isEmpty()
                                            ? ""
                                            : " whose name is wanted"));
        }
        return Optional.of(new Importance(path.toString(), imatrix));
    }
}
