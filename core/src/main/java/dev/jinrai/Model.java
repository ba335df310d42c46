package dev.jinrai;

import dev.jinrai.arch.Architectures;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue.Array;
import dev.jinrai.gguf.Warming;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelConfig;
import dev.jinrai.model.ModelException;
import dev.jinrai.model.Transformer;
import dev.jinrai.model.Weights;
import dev.jinrai.tokenizer.Tokenizer;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A model that is ready to run: weights on a backend, configuration, vocabulary.
///
/// Immutable, and shared by threads; what changes lives in a [Session]. Close it when all its
/// sessions are closed: weights are the mapped file, or what a backend made of it.
public final class Model implements AutoCloseable {
    private static final String TOKENS = "tokenizer.ggml.tokens";

    private final Path file;
    private final Checkpoint checkpoint;
    private final Backend backend;
    private final Transformer transformer;
    private final KvLayout kvLayout;
    private final List<String> notices;
    private @Nullable Tokenizer tokenizer;

    private Model(
            Opening opening,
            Backend backend,
            Transformer transformer,
            KvLayout kvLayout,
            List<String> notices) {
        this.file = opening.file;
        this.checkpoint = opening.checkpoint;
        this.notices = Stream.concat(checkpoint.notices().stream(), notices.stream()).toList();
        this.backend = backend;
        this.transformer = transformer;
        this.kvLayout = kvLayout;
    }

    /// Opens a GGUF file, or a directory of Hugging Face, with [ModelOptions#DEFAULTS].
    public static Model open(Path file) {
        return open(file, ModelOptions.DEFAULTS);
    }

    /// Opens a GGUF file, or a directory of Hugging Face. What of it is not in memory is read when it is first used.
    ///
    /// @throws dev.jinrai.gguf.GgufException if the file cannot be read or is malformed
    /// @throws dev.jinrai.safetensors.SafetensorsException if the weights of a directory cannot be read or are malformed
    /// @throws dev.jinrai.model.ModelException if it is not a model this build can run
    /// @throws MemoryException if there is no memory for it
    /// @throws dev.jinrai.backend.BackendException if the backend cannot run here
    /// @throws dev.jinrai.backend.DeviceMemoryException if the device that was named has not the memory; nothing was loaded
    public static Model open(Path file, ModelOptions options) {
        return open(file, options, Memory.here(), Optional.empty(), Backends.all());
    }

    /// The same, but what is not in memory is read at once, in order, as [Warming] says.
    public static Model open(Path file, ModelOptions options, Warming.Listener listener) {
        return open(file, options, Memory.here(), listener);
    }

    static Model open(Path file, ModelOptions options, Memory memory, Warming.Listener listener) {
        return open(file, options, memory, Optional.of(listener), Backends.all());
    }

    /// @param listener hears how the file is read ahead; nothing is, without one
    /// @param providers the backends there are
    @SuppressWarnings("MustBeClosed") // closed by the model, or here on failure
    static Model open(
            Path file,
            ModelOptions options,
            Memory memory,
            Optional<Warming.Listener> listener,
            List<BackendProvider> providers) {
        Checkpoint checkpoint = Checkpoints.open(file);
        try {
            checkDecoded(checkpoint, memory);
            var architecture = Architectures.named(checkpoint.metadata().architecture());
            ModelConfig config = architecture.configure(checkpoint);
            checkVocabulary(checkpoint, config);
            checkHeads(checkpoint, config, options.kvType());
            int threads = options.threads() == 0 ? Cores.physical() : options.threads();
            var how = new BackendOptions(threads, options.device());
            var found = Weights.find(config, checkpoint, architecture.consumed());
            var demand = Demand.of(config, found, options.kvType());
            var opening = new Opening(file, checkpoint, config, options, found, memory, listener);
            Placement placement = place(file, options, how, demand, providers);
            while (true) {
                try {
                    return open(opening, placement);
                } catch (RuntimeException | Error e) {
                    placement.backend().close();
                    if (!placement.adjustable() || !(e instanceof DeviceMemoryException)) {
                        throw e;
                    }
                    // An estimate was too low, or another program was faster.
                    String reason = String.valueOf(e.getMessage());
                    placement = placement.smaller(options, how, demand, providers, reason);
                }
            }
        } catch (RuntimeException | Error e) {
            checkpoint.close();
            throw e;
        }
    }

    /// What is decoded when it is opened has to fit before it is.
    private static void checkDecoded(Checkpoint checkpoint, Memory memory) {
        long decoded = checkpoint.decodedBytes();
        if (decoded > memory.available().orElse(Long.MAX_VALUE)) {
            throw new MemoryException(
                    ("%s: %d MiB are needed for weights that cannot be used as they are in the"
                         + " file, and %d MiB are available; converted to GGUF they may be smaller")
                            .formatted(
                                    checkpoint.source(),
                                    decoded >> 20,
                                    memory.available().orElseThrow() >> 20));
        }
    }

    private static Placement place(
            Path file,
            ModelOptions options,
            BackendOptions how,
            Demand demand,
            List<BackendProvider> providers) {
        try {
            return Placement.of(options, how, demand, providers);
        } catch (DeviceMemoryException e) {
            throw new DeviceMemoryException(file + ": " + e.getMessage());
        }
    }

    /// What does not depend on where the model runs.
    private record Opening(
            Path file,
            Checkpoint checkpoint,
            ModelConfig config,
            ModelOptions options,
            Weights.Found found,
            Memory memory,
            Optional<Warming.Listener> listener) {}

    /// The file has proved to be a model; now it has to fit the host's memory before its weights are brought anywhere.
    private static Model open(Opening opening, Placement placement) {
        ModelConfig config = opening.config;
        KvType type = opening.options.kvType();
        Backend backend = placement.backend();
        Weights host = opening.found.upload(placement.hostOnly());
        var footprint =
                Footprint.of(host, placement::resident, backend.onHeap(config.kvLayout(1, type)));
        int context = context(opening, footprint, placement);
        List<MemorySegment> files = opening.checkpoint.data();
        Weights weights =
                opening.listener
                        .map(listener ->
                                Loading.load(
                                        opening.found,
                                        host,
                                        placement,
                                        files,
                                        opening.memory.available(),
                                        listener))
                        .orElseGet(() -> Loading.load(opening.found, host, placement));
        return new Model(
                opening,
                backend,
                new Transformer(config, weights, backend),
                config.kvLayout(context, type),
                placement.notices());
    }

    /// Every token needs its row of the embedding; more rows than tokens are common, as padding.
    private static void checkVocabulary(Checkpoint checkpoint, ModelConfig config) {
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

    private static void checkHeads(Checkpoint checkpoint, ModelConfig config, KvType type) {
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

    /// {@return the context as asked; else the model's own, or what the memory, and half of the Java heap, can
    /// remember}
    ///
    /// @throws MemoryException if there is no memory for it
    private static int context(Opening opening, Footprint footprint, Placement placement) {
        Memory memory = opening.memory;
        int context = opening.options.context();
        if (context == 0) {
            long affordable =
                    LongStream.of(
                                    memory.heap() / 2 / Math.max(1, footprint.position()),
                                    footprint.positions(memory),
                                    placement.context())
                            .min()
                            .getAsLong();
            context = (int) Math.min(opening.config.contextLength(), Math.max(1, affordable));
        }
        if (!footprint.fits(context, memory)) {
            throw new MemoryException(opening.file + ": " + footprint.refusal(context, memory));
        }
        return context;
    }

    /// {@return the model's shape, as the file's metadata say}
    public ModelConfig config() {
        return transformer.config();
    }

    /// {@return the keys and values of the file; of a directory, those that a GGUF file of it would have, but for the tokenizer's}
    public Metadata metadata() {
        return checkpoint.metadata();
    }

    /// {@return the file or directory that was opened}
    public Path file() {
        return file;
    }

    /// {@return what was opened, as it is in the files; closed with the model}
    public Checkpoint checkpoint() {
        return checkpoint;
    }

    /// {@return what it runs on, for its name, its device and its memory; calls that compute are the sessions'}
    public Backend backend() {
        return backend;
    }

    /// {@return what a user should know about where the model runs, in sentences: why not all of it is on a GPU}
    public List<String> notices() {
        return notices;
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
            tokenizer = checkpoint.tokenizer();
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
            checkpoint.close();
        }
    }
}
