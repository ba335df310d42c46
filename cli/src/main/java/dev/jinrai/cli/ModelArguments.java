package dev.jinrai.cli;

import dev.jinrai.MemoryException;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvType;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Which model, and what it runs on.
@Command
final class ModelArguments {
    private static final int MOST_THREADS = 1024;

    /// What a user can change about a model that does not fit.
    private static final String OPTIONS =
            "; the options are --context, --kv-type, --gpu-layers and --backend";

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description =
                    "A GGUF file, a directory of Hugging Face, or a name in the model directory"
                            + " (default: the demo model).")
    private Optional<String> model = Optional.empty();

    @Option(
            names = {"-b", "--backend"},
            paramLabel = "NAME",
            description =
                    "auto, cpu, scalar, vulkan, metal or hybrid (default: auto, a GPU before the"
                            + " CPU)."
                            + " 'jinrai backends' lists them.")
    private Optional<String> backend = Optional.empty();

    @Option(
            names = "--device",
            paramLabel = "N|NAME",
            description =
                    "The GPU to use: its number or a part of its name, as 'jinrai backends' lists"
                            + " them (default: the best).")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--gpu-layers",
            paramLabel = "N",
            description =
                    "How many of the model's last layers the GPU runs; all for as many as there are"
                            + " or more (default: as many as fit).")
    private Optional<Integer> gpuLayers = Optional.empty();

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "N",
            description = "Compute threads, 1 to 1024 (default: one per physical core).")
    private Optional<Integer> threads = Optional.empty();

    @Option(
            names = {"-c", "--context"},
            paramLabel = "N",
            description =
                    "Context length in tokens (default: the model's, as far as memory allows;"
                            + " of imatrix 512).")
    private Optional<Integer> context = Optional.empty();

    @Option(
            names = "--kv-type",
            paramLabel = "TYPE",
            description =
                    "How the context's keys and values are stored: f16, f32 or q8_0 (default:"
                            + " f16).")
    private String kvType = KvType.F16.label();

    /// @throws UsageException if a number is out of range, or a name means nothing
    void check() {
        storage();
        threads.ifPresent(n -> Range.whole("--threads", n, 1, MOST_THREADS));
        gpuLayers.ifPresent(n -> Range.whole("--gpu-layers", n, 0, Integer.MAX_VALUE));
        context.ifPresent(n -> Range.whole("--context", n, 1, Integer.MAX_VALUE));
    }

    private KvType storage() {
        return KvType.named(kvType)
                .orElseThrow(() ->
                        new UsageException(
                                "--kv-type: wanted f16, f32 or q8_0, got '%s'".formatted(kvType)));
    }

    /// Opens the model.
    Model open(Io io) {
        return open(io, 0);
    }

    /// Opens the model.
    ///
    /// @param length of the context where `--context` does not say it; 0 for the model's own
    Model open(Io io, int length) {
        check();
        Path file = ModelFile.find(model, io);
        ModelFile.checkWhole(file);
        BackendName.Choice choice = BackendName.choose(backend, device, io);
        var options =
                new ModelOptions(
                        choice.automatic() ? ModelOptions.AUTO : choice.names().getFirst(),
                        threads.orElse(0),
                        context.orElse(length),
                        storage(),
                        device,
                        gpuLayers.orElse(ModelOptions.AUTOMATIC));
        Model opened = open(file, options, io);
        opened.notices().forEach(io.messages()::notice);
        if (choice.automatic() && opened.backend().deviceMemory().isPresent()) {
            io.messages()
                    .notice(
                            "using '%s': %s"
                                    .formatted(opened.backend().name(), opened.backend().device()));
        }
        int trained = opened.config().contextLength();
        if (context.isPresent() && opened.contextLength() > trained) {
            io.messages()
                    .notice(
                            "--context %d is more than the %d positions the model was trained for"
                                    .formatted(opened.contextLength(), trained));
        }
        if (context.isEmpty() && length == 0 && opened.contextLength() < trained) {
            io.messages()
                    .notice(
                            ("the context is cut from the model's %d tokens to %d, which is what"
                                            + " the memory holds; --context sets it")
                                    .formatted(trained, opened.contextLength()));
        }
        return opened;
    }

    private static Model opened(Path file, ModelOptions options, ReadingProgress progress) {
        try {
            return Model.open(file, options, progress);
        } catch (MemoryException | DeviceMemoryException e) {
            throw new CommandException(e.getMessage() + OPTIONS);
        }
    }

    private static Model open(Path file, ModelOptions options, Io io) {
        try (var progress = new ReadingProgress(file, io.messages())) {
            return ModelFile.named(file, () -> opened(file, options, progress));
        }
    }
}
