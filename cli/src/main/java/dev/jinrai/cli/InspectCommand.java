package dev.jinrai.cli;

import dev.jinrai.gguf.Gguf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai inspect`: what is in a GGUF file.
@Command(
        name = "inspect",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Shows what a GGUF file, a directory of Hugging Face or a safetensors file holds:"
                    + " metadata, totals by tensor type, and whether this build can run it.",
            ""
        })
final class InspectCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description =
                    "A GGUF file, a directory of Hugging Face, a safetensors file, or a name in the"
                            + " model directory (default: the demo model).")
    private Optional<String> file = Optional.empty();

    @Option(names = "--tensors", description = "Show the table of tensors.")
    private boolean tensors;

    @Option(
            names = "--verify",
            description =
                    "Decode every tensor and show its range; the exit code is 1 if one holds NaN or"
                            + " infinity, or cannot be decoded.")
    private boolean verify;

    @Option(
            names = "--dump",
            paramLabel = "NAME",
            description =
                    "Write one tensor, decoded to little-endian f32, to the file --out names.")
    private Optional<String> dump = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "RAW",
            description = "Where --dump writes; a file of this name is replaced.")
    private Optional<Path> out = Optional.empty();

    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    InspectCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        if (dump.isPresent() != out.isPresent()) {
            throw new UsageException("--dump NAME and --out RAW go together");
        }
        if (dump.isPresent() && (tensors || verify || output.json)) {
            throw new UsageException("--dump writes one tensor and shows nothing");
        }
        Path path = ModelFile.find(file, io);
        if (Files.isDirectory(path) || path.toString().endsWith(".safetensors")) {
            return safetensors(path);
        }
        try (Gguf gguf = Gguf.open(path)) {
            if (dump.isPresent()) {
                TensorDump.write(gguf, dump.get(), out.orElseThrow());
                return Failures.DONE;
            }
            List<TensorRange> ranges =
                    verify
                            ? gguf.tensors().stream().map(t -> TensorRange.of(gguf, t)).toList()
                            : List.of();
            var report = new FileReport(gguf, Verdict.of(gguf), ranges, tensors, verify);
            if (output.json) {
                io.out().println(Json.write(new ReportJson(report).document()));
            } else {
                new ReportPage(report).print(io.out());
            }
            return ranges.stream().allMatch(TensorRange::sound) ? Failures.DONE : Failures.FAILURE;
        }
    }

    private int safetensors(Path path) {
        if (verify || dump.isPresent()) {
            throw new UsageException(
                    "--verify and --dump are for GGUF files; 'jinrai convert' makes one");
        }
        SafetensorsReport report =
                Files.isDirectory(path)
                        ? SafetensorsReport.ofDirectory(path)
                        : SafetensorsReport.ofFile(path);
        if (output.json) {
            io.out().println(Json.write(report.document(tensors)));
        } else {
            report.print(tensors, io.out());
        }
        return Failures.DONE;
    }
}
