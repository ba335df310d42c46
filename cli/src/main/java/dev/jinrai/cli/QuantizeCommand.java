package dev.jinrai.cli;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.quantize.QuantizationException;
import dev.jinrai.quantize.QuantizedFile;
import dev.jinrai.quantize.QuantizedFile.Importance;
import dev.jinrai.quantize.Recipe;
import dev.jinrai.quantize.RequantizationException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai quantize`: a model's file with fewer bits a weight, the one llama-quantize makes.
@Command(
        name = "quantize",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Writes a GGUF file again with fewer bits a weight: the file that llama-quantize makes,"
                    + " byte for byte.",
            "",
            "TYPE is a mix, as in the names of files: Q4_K_M, Q5_K_M, Q6_K, Q8_0, F16, … (a wrong"
                + " one lists them all). A file named OUT is replaced, when the new one is whole;"
                + " whatever stops the program before, nothing is left of it. --dry-run needs no"
                + " OUT.",
            ""
        })
final class QuantizeCommand implements Callable<Integer> {
    private static final int MOST_THREADS = 1024;

    @Parameters(
            arity = "2..3",
            paramLabel = "IN OUT TYPE",
            hideParamSyntax = true,
            description =
                    "The model, a GGUF file or a name in the model directory; the file to write;"
                            + " what to make of it.")
    private List<String> files = List.of();

    @Option(
            names = "--dry-run",
            description = "Show what each tensor would become, and the size; write nothing.")
    private boolean dryRun;

    @Mixin private ImportanceArguments importance = new ImportanceArguments();
    @Mixin private RecipeArguments recipe = new RecipeArguments();

    @Option(
            names = "--allow-requantize",
            description =
                    "Quantize tensors again that are quantized already, which loses more than from"
                            + " 16 or 32 bits.")
    private boolean allowRequantize;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Threads that encode, 1 to 1024 (default: all processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    QuantizeCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        Range.whole("--threads", threads, 1, MOST_THREADS);
        if (files.size() < 3 && !dryRun) {
            throw new UsageException(
                    "wanted IN OUT TYPE, got '%s'".formatted(String.join(" ", files)));
        }
        Recipe wanted = recipe.recipe(files.getLast());
        Path in = ModelFile.find(Optional.of(files.getFirst()), io);
        ModelFile.checkGguf(in);
        Optional<Path> out =
                files.size() < 3 ? Optional.empty() : Optional.of(Path.of(files.get(1)));
        out.ifPresent(path -> OutputFile.check(path, in));
        out.ifPresent(recipe::checkApart);
        Optional<Importance> important = importance.read(out);
        try (Gguf gguf = Gguf.open(in)) {
            out.ifPresent(path -> OutputFile.checkParts(path, gguf));
            QuantizedFile file = QuantizedFile.of(gguf, wanted, allowRequantize, important);
            if (!file.unknown().isEmpty()) {
                io.messages()
                        .notice(
                                "the importance matrix lacks %d matrices, %s first"
                                        .formatted(
                                                file.unknown().size(), file.unknown().getFirst()));
            }
            var report = new QuantizeReport(gguf, wanted, file, out, io);
            if (dryRun) {
                report.planned(output.json);
            } else {
                write(file, out.orElseThrow(), report);
            }
        } catch (RequantizationException e) {
            throw new CommandException(
                    "%s: %s; --allow-requantize does it".formatted(in, e.getMessage()));
        } catch (QuantizationException e) {
            throw new CommandException("%s: %s".formatted(in, e.getMessage()));
        }
        return Failures.DONE;
    }

    private void write(QuantizedFile file, Path out, QuantizeReport report) {
        long start = System.nanoTime();
        try (var _ = Interrupts.watch(this::interrupted);
                var progress = new QuantizeProgress(file, io.messages(), output.json)) {
            file.write(out, threads, progress);
        }
        report.written((System.nanoTime() - start) / 1e9, output.json);
    }

    /// Ends the program, which takes what was written with it.
    private void interrupted() {
        io.messages().progress("");
        io.messages().notice("interrupted: nothing was written");
        Runtime.getRuntime().exit(Failures.INTERRUPTED);
    }
}
