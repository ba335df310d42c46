package dev.jinrai;

import dev.jinrai.arch.Architectures;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.gguf.Warming;
import dev.jinrai.model.GgufCheckpoint;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.ModelException;
import dev.jinrai.model.Transformer;
import dev.jinrai.model.Weights;
import dev.jinrai.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A model that is ready to run: weights on a backend, configuration, vocabulary.
///
/// Immutable, and shared by threads; what changes lives in a [Session]. Close it when all its
/// sessions are closed: weights are the mapped file, or what a backend made of it.
public final class Model implements AutoCloseable {
    private static final String TOKENS = "tokenizer.ggml.tokens";

    private final Gguf gguf;
    private final Backend backend;
    private final Transformer transformer;
    private final KvLayout kvLayout;
    private @Nullable Tokenizer tokenizer;

    private Model(Gguf gguf, Backend backend, Transformer transformer, KvLayout kvLayout) {
        this.gguf = gguf;
        this.backend = backend;
        this.transformer = transformer;
        this.kvLayout = kvLayout;
    }

    /// Opens a GGUF file with [ModelOptions#DEFAULTS].
    public static Model open(Path file) {
        return open(file, ModelOptions.DEFAULTS);
    }

    /// Opens a GGUF file. What of it is not in memory is read when it is first used.
    ///
    /// @throws dev.jinrai.gguf.GgufException if the file cannot be read or is malformed
    /// @throws dev.jinrai.model.ModelException if it is not a model this build can run
    /// @throws MemoryException if there is no memory for it
    /// @throws dev.jinrai.backend.BackendException if the backend cannot run here
    /// @throws dev.jinrai.backend.DeviceMemoryException if the backend's device has not the memory; nothing was loaded
    public static Model open(Path file, ModelOptions options) {
        return open(file, options, Memory.here(), _ -> {});
    }

    /// The same, but what is not in memory is read at once, in order, as [Warming] says.
    public static Model open(Path file, ModelOptions options, Warming.Listener listener) {
        return open(file, options, Memory.here(), listener);
    }

    static Model open(Path file, ModelOptions options, Memory memory, Warming.Listener listener) {
        return open(
                file,
                options,
                memory,
                gguf ->
                        Warming.warm(
                                gguf.tensors().stream().map(gguf::data).toList(),
                                memory.available(),
                                listener));
    }

    /// @param first what is done with a file that has proved to be a model that fits, before its weights are used
    @SuppressWarnings("MustBeClosed") // closed by the model, or here on failure
    private static Model open(
            Path file, ModelOptions options, Memory memory, Consumer<Gguf> first) {
        Gguf gguf = Gguf.open(file);
        try {
            var checkpoint = new GgufCheckpoint(gguf);
            var architecture = Architectures.named(gguf.metadata().architecture());
            ModelConfig config = architecture.configure(checkpoint);
            checkVocabulary(checkpoint, config);
            checkHeads(checkpoint, config, options.kvType());
            int threads = options.threads() == 0 ? Cores.physical() : options.threads();
            Backend backend =
                    options.provider().open(new BackendOptions(threads, options.device()));
            try {
                OptionalInt onDevice = onDevice(gguf, config, options, backend);
                var weights = Weights.bind(config, checkpoint, architecture.consumed(), backend);
                int context =
                        onDevice.isPresent()
                                ? onDevice.getAsInt()
                                : context(
                                        file,
                                        config,
                                        options,
                                        Footprint.of(
                                                weights,
                                                backend,
                                                config.kvLayout(1, options.kvType())),
                                        memory);
                first.accept(gguf);
                return new Model(
                        gguf,
                        backend,
                        new Transformer(config, weights, backend),
                        config.kvLayout(context, options.kvType()));
            } catch (RuntimeException | Error e) {
                backend.close();
                throw e;
            }
        } catch (RuntimeException | Error e) {
            gguf.close();
            throw e;
        }
    }

    /// Every token needs its row of the embedding; more rows than tokens are common, as padding.
    private static void checkVocabulary(GgufCheckpoint checkpoint, ModelConfig config) {
        if (checkpoint.metadata().find(TOKENS).orElse(null) instanceof Array tokens
                && tokens.elements().size() > config.vocabularySize()) {
            throw new ModelException(
                    "%s: token_embd.weight: wanted a row for each of the %d tokens, got %d rows"
                            .formatted(
                                    checkpoint.source(),
                                    tokens.elements().size(),
                                    config.vocabularySize()));
        }
    }

    private static void checkHeads(GgufCheckpoint checkpoint, ModelConfig config, KvType type) {
        for (var layer : config.layers()) {
            var heads = layer.attention().heads();
            if (!type.holds(heads.keyLength()) || !type.holds(heads.valueLength())) {
                throw new ModelException(
                        ("%s: a KV cache of type %s wants heads of a multiple of %d values, got"
                                        + " keys of %d and values of %d; use f16")
                                .formatted(
                                        checkpoint.source(),
                                        type.label(),
                                        type.format().blockLength(),
                                        heads.keyLength(),
                                        heads.valueLength()));
            }
        }
    }

    /// {@return the context where all lies in a device's memory, before anything is loaded: as asked, else the model's own, or
    /// what the device can remember; nothing for a backend without such a device}
    ///
    /// @throws DeviceMemoryException if there is no memory for it
    private static OptionalInt onDevice(
            Gguf gguf, ModelConfig config, ModelOptions options, Backend backend) {
        OptionalLong free = backend.deviceMemory();
        if (free.isEmpty()) {
            return OptionalInt.empty();
        }
        var footprint =
                new DeviceFootprint(
                        gguf.tensors().stream().mapToLong(TensorInfo::byteSize).sum(),
                        config.kvLayout(1, options.kvType()).bytesPerPosition());
        int context = options.context();
        if (context == 0) {
            long affordable = footprint.positions(free.getAsLong());
            context = (int) Math.min(config.contextLength(), Math.max(1, affordable));
        }
        if (context > footprint.positions(free.getAsLong())) {
            throw new DeviceMemoryException(
                    "%s: %s"
                            .formatted(
                                    gguf.file(),
                                    footprint.refusal(
                                            context, free.getAsLong(), backend.device())));
        }
        return OptionalInt.of(context);
    }

    /// {@return the context as asked; else the model's own, or what the memory, and half of the Java heap, can
    /// remember}
    ///
    /// @throws MemoryException if there is no memory for it
    private static int context(
            Path file,
            ModelConfig config,
            ModelOptions options,
            Footprint footprint,
            Memory memory) {
        int context = options.context();
        if (context == 0) {
            long affordable =
                    Math.min(memory.heap() / 2 / footprint.position(), footprint.positions(memory));
            context = (int) Math.min(config.contextLength(), Math.max(1, affordable));
        }
        if (!footprint.fits(context, memory)) {
            throw new MemoryException(file + ": " + footprint.refusal(context, memory));
        }
        return context;
    }

    public ModelConfig config() {
        return transformer.config();
    }

    public Metadata metadata() {
        return gguf.metadata();
    }

    public Path file() {
        return gguf.file();
    }

    public Backend backend() {
        return backend;
    }

    /// {@return the most tokens a session can hold}
    public int contextLength() {
        return kvLayout.capacity();
    }

    /// {@return the shape of the cache of each session}
    public KvLayout kvLayout() {
        return kvLayout;
    }

    /// {@return the model's tokenizer, read from the file on first use}
    ///
    /// Its vocabulary is at most [ModelConfig#vocabularySize()], and often smaller: the embedding's
    /// last rows then are padding, and their logits belong to no token.
    ///
    /// @throws dev.jinrai.tokenizer.UnsupportedTokenizerException if this build has none for the file
    public synchronized Tokenizer tokenizer() {
        if (tokenizer == null) {
            tokenizer = Tokenizer.from(metadata());
        }
        return tokenizer;
    }

    /// {@return a new, empty timeline}
    public Session newSession() {
        return new Session(transformer, kvLayout);
    }

    @Override
    public void close() {
        try {
            transformer.close();
        } finally {
            gguf.close();
        }
    }
}
