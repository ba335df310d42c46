package dev.jinrai.cli;

import dev.jinrai.huggingface.Conversion;
import dev.jinrai.huggingface.HuggingFaceCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `jinrai convert`: a directory of Hugging Face as a GGUF file.
@Command(
        name = "convert",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Writes a directory of Hugging Face as a GGUF file, as llama.cpp's"
                    + " convert_hf_to_gguf.py does.",
            "",
            "A file named OUT is replaced, when the new one is whole. 'jinrai quantize' makes it"
                    + " smaller. A directory also runs as it is: jinrai -m HF_DIR.",
            ""
        })
final class ConvertCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "HF_DIR",
            description = "The directory: config.json, *.safetensors, and a tokenizer.")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "The GGUF file to write.")
    private Path out = Path.of("");

    @Option(
            names = "--outtype",
            paramLabel = "TYPE",
            description =
                    "What weights become: f32, f16, bf16, q8_0, or auto, which is bf16 for BF16"
                            + " weights, else f16 (default: auto).")
    private String type = Conversion.Type.AUTO.label();

    @Option(names = "--vocab-only", description = "Leave the weights out: a file to tokenize with.")
    private boolean vocabularyOnly;

    @Mixin private JsonArguments output = new JsonArguments();

    private final Io io;

    ConvertCommand(Io io) {
        this.io = io;
    }

    @Override
    public Integer call() {
        Conversion.Type wanted =
                Conversion.Type.named(type)
                        .orElseThrow(() ->
                                new UsageException(
                                        "--outtype: wanted one of %s, got '%s'"
                                                .formatted(
                                                        Arrays.stream(Conversion.Type.values())
                                                                .map(Conversion.Type::label)
                                                                .collect(Collectors.joining(", ")),
                                                        type)));
        if (!HuggingFaceCheckpoint.isOne(directory)) {
            throw new CommandException(
                    Files.isDirectory(directory)
                            ? directory + ": has no config.json, is no directory of Hugging Face"
                            : Files.exists(directory)
                                    ? directory + ": is a file, wanted a directory of Hugging Face"
                                    : directory + ": no such directory");
        }
        OutputFile.check(out, directory);
        try (var checkpoint =
                ModelFile.named(directory, () -> HuggingFaceCheckpoint.open(directory))) {
            Conversion conversion =
                    ModelFile.named(
                            directory, () -> Conversion.of(checkpoint, wanted, vocabularyOnly));
            conversion.notices().forEach(io.messages()::notice);
            long start = System.nanoTime();
            try (var _ = Interrupts.watch(this::interrupted)) {
                ModelFile.named(
                        directory,
                        () -> {
                            conversion.write(out, this::progress);
                            return out;
                        });
            } finally {
                io.messages().progress("");
            }
            report(conversion, (System.nanoTime() - start) / 1e9);
        }
        return Failures.DONE;
    }

    private void progress(String tensor, long done, long total) {
        io.messages()
                .progress(
                        Printable.line(
                                "writing %s: %d%% of %s: %s"
                                        .formatted(
                                                out.getFileName(),
                                                100 * done / Math.max(1, total),
                                                Bytes.of(total),
                                                tensor)));
    }

    private void report(Conversion conversion, double seconds) {
        long size;
        try {
            size = Files.size(out);
        } catch (IOException e) {
            throw new CommandException("%s: %s".formatted(out, IoProblem.of(e)));
        }
        if (output.json) {
            io.out()
                    .println(
                            Json.write(
                                    Json.object(
                                            "file", out.toString(),
                                            "bytes", size,
                                            "type", conversion.type().label(),
                                            "tensors", conversion.tensors(),
                                            "seconds", seconds)));
        } else {
            io.messages()
                    .line(
                            "%s: %d tensors, %s, %s in %.1f s"
                                    .formatted(
                                            out,
                                            conversion.tensors(),
                                            conversion.type().label(),
                                            Bytes.of(size),
                                            seconds));
        }
    }

    /// Ends the program, which takes what was written with it.
    private void interrupted() {
        io.messages().progress("");
        io.messages().notice("interrupted: nothing was written");
        Runtime.getRuntime().exit(Failures.INTERRUPTED);
    }
}
