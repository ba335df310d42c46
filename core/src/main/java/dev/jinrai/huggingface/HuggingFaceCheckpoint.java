package dev.jinrai.huggingface;

import dev.jinrai.backend.Rope.Pairing;
import dev.jinrai.backend.Tensor;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F32;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.Quote;
import dev.jinrai.model.Checkpoint;
import dev.jinrai.model.ModelException;
import dev.jinrai.safetensors.Safetensors;
import dev.jinrai.safetensors.Shards;
import dev.jinrai.tokenizer.HuggingFaceTokenizer;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.TokenizerException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A directory as Hugging Face's hub has them, as a [Checkpoint]: its metadata and tensors have the names of a GGUF file.
///
/// | file | what it says |
/// |---|---|
/// | `config.json` | the model's shape: see `Family` |
/// | `model.safetensors`, or several with an index | the weights: F32, F16 and BF16 matrices are slices of the mapping, F8 becomes BF16 |
/// | `tokenizer.json`, else `tokenizer.model` | the tokenizer: [HuggingFaceTokenizer], `TokenizerModel` |
/// | `tokenizer_config.json`, `chat_template.jinja`, `.json` | special tokens, the chat template: `ChatTemplates` |
/// | `generation_config.json` | where generation ends, how tokens are chosen: `GenerationSettings` |
///
/// Rows of queries and keys stay where they are, so halves of a head turn together. A tensor has its name of a GGUF file, as who
/// traces a model knows it; [#called] says the directory's.
public final class HuggingFaceCheckpoint implements Checkpoint {
    static final String ROPE_FACTORS = "rope_freqs.weight";

    private final Path directory;
    private final Config config;
    private final Family family;
    private final Shards shards;
    private final StoredTensors stored;
    private final float[] ropeFactors;
    private final GgufKeys keys;
    private final Arena arena = Arena.ofShared();
    private final Map<String, Tensor> made = new HashMap<>();

    private HuggingFaceCheckpoint(Path directory, Config config, Shards shards) {
        this.directory = directory;
        this.config = config;
        this.shards = shards;
        family = Families.of(config);
        keys = new GgufKeys();
        keys.text("general.architecture", family.architecture()).text("general.type", "model");
        keys.text("general.name", ModelName.of(directory));
        family.configure(config, keys.in(family.architecture()));
        ropeFactors = family.ropeFactors(config);
        stored = new StoredTensors(config, shards, family, layers(), experts());
        GenerationSettings.in(directory).write(keys);
        ChatTemplates.in(directory).write(keys);
    }

    /// {@return whether a directory is one of these}
    public static boolean isOne(Path directory) {
        return Files.isDirectory(directory) && Files.exists(directory.resolve(Config.NAME));
    }

    /// Reads what the files say, and maps the weights.
    ///
    /// @throws dev.jinrai.safetensors.SafetensorsException if the weights cannot be read or are malformed
    /// @throws ModelException if `config.json` is missing, malformed, or asks for what this build does not do
    public static HuggingFaceCheckpoint open(Path directory) {
        Config config = Config.read(directory);
        Families.of(config); // says first what matters most
        Shards shards = Shards.open(directory);
        try {
            return new HuggingFaceCheckpoint(directory, config, shards);
        } catch (RuntimeException | Error e) {
            shards.close();
            throw e;
        }
    }

    /// Each layer has a tensor at least.
    private int layers() {
        int layers = config.count("num_hidden_layers");
        int tensors = shards.tensors().size();
        if (layers > tensors) {
            throw config.wrong(
                    "num_hidden_layers",
                    "wanted 1 to %d, the number of tensors, got %d".formatted(tensors, layers));
        }
        return layers;
    }

    private int experts() {
        GgufKeys own = keys.in(family.architecture());
        if (!own.has("expert_count")) {
            return 1;
        }
        int experts = metadata(keys).int32(family.architecture() + ".expert_count");
        int tensors = shards.tensors().size();
        if ((long) experts * layers() > tensors) {
            throw new ModelException(
                    "%s: %d experts in each of %d layers, and %d tensors"
                            .formatted(source(), experts, layers(), tensors));
        }
        return experts;
    }

    private Metadata metadata(GgufKeys keys) {
        return new Metadata(source(), keys.values());
    }

    @Override
    public String source() {
        return Quote.printable(directory.toString());
    }

    /// The keys of a GGUF file but the tokenizer's. A window over the last positions is where the context ends: up to there
    /// it changes nothing.
    @Override
    public Metadata metadata() {
        OptionalInt window = family.window(config);
        String key = family.architecture() + ".context_length";
        if (window.isEmpty() || metadata(keys).int32(key) <= window.getAsInt()) {
            return metadata(keys);
        }
        var cut = new GgufKeys();
        keys.values().forEach(cut::put);
        return metadata(cut.count(key, window.getAsInt()));
    }

    /// {@return the keys without the cut for a window}
    GgufKeys keys() {
        return keys;
    }

    @Override
    public List<String> tensorNames() {
        List<String> names = new ArrayList<>();
        if (ropeFactors.length > 0) {
            names.add(ROPE_FACTORS);
        }
        names.addAll(stored.places().keySet());
        names.addAll(stored.unplaced());
        return names;
    }

    @Override
    public String called(String name) {
        StoredTensors.Place place = stored.places().get(name);
        if (place != null) {
            return Quote.printable(place.names().getFirst());
        }
        for (Rule rule : family.tensors()) {
            for (int layer = 0; layer < (rule.inLayers() ? layers() : 1); layer++) {
                if (rule.to(layer).equals(name)) {
                    return rule.from(layer, 0);
                }
            }
        }
        return Quote.printable(name);
    }

    @Override
    public Pairing pairing(Pairing gguf) {
        return family.pairing();
    }

    @Override
    public synchronized Optional<Tensor> tensor(String name) {
        Tensor tensor = made.get(name);
        if (tensor == null) {
            Optional<Tensor> made = make(name);
            made.ifPresent(t -> this.made.put(name, t));
            return made;
        }
        return Optional.of(tensor);
    }

    private Optional<Tensor> make(String name) {
        if (name.equals(ROPE_FACTORS) && ropeFactors.length > 0) {
            var format = new F32();
            var data = MemorySegment.ofArray(new byte[ropeFactors.length * Float.BYTES]);
            format.encode(ropeFactors, 0, data, 0, ropeFactors.length);
            return Optional.of(new Tensor(name, format, 1, 1, ropeFactors.length, data));
        }
        StoredTensors.Place place = stored.places().get(name);
        if (place == null) {
            return Optional.empty();
        }
        List<StoredTensor> slices = slices(place);
        StoredTensor first = slices.getFirst();
        EncodableFormat format = first.running();
        MemorySegment data =
                slices.size() == 1 && first.runsInPlace() ? first.data() : decoded(slices, format);
        return Optional.of(
                new Tensor(name, format, slices.size(), first.rows(), first.columns(), data));
    }

    /// {@return the tensors of a place, which are alike}
    List<StoredTensor> slices(StoredTensors.Place place) {
        List<StoredTensor> slices = place.names().stream().map(stored::tensor).toList();
        StoredTensor first = slices.getFirst();
        for (StoredTensor slice : slices) {
            if (slice.rows() != first.rows()
                    || slice.columns() != first.columns()
                    || slice.running().type() != first.running().type()) {
                throw new ModelException(
                        "%s: wanted what %s is, %d × %d, got %d × %d"
                                .formatted(
                                        Quote.printable(slice.name()),
                                        Quote.printable(first.name()),
                                        first.rows(),
                                        first.columns(),
                                        slice.rows(),
                                        slice.columns()));
            }
        }
        if ((long) first.rows() * slices.size() > Integer.MAX_VALUE) {
            throw new ModelException(
                    "%s: wanted at most %d rows in all"
                            .formatted(Quote.printable(first.name()), Integer.MAX_VALUE));
        }
        return slices;
    }

    private MemorySegment decoded(List<StoredTensor> slices, EncodableFormat format) {
        long size = format.byteSize(slices.getFirst().columns()) * slices.getFirst().rows();
        MemorySegment data = arena.allocate(size * slices.size(), 64);
        for (int i = 0; i < slices.size(); i++) {
            slices.get(i).encode(format, RowOrder.AS_IT_IS, data, i * size);
        }
        return data;
    }

    private Metadata tokenizerMetadata() {
        var own = new GgufKeys();
        keys.values().forEach(own::put);
        TokenizerKeys.write(directory, vocabularySize(), own);
        return metadata(own);
    }

    StoredTensors stored() {
        return stored;
    }

    Family family() {
        return family;
    }

    float[] ropeFactors() {
        return ropeFactors;
    }

    Path directory() {
        return directory;
    }

    /// The rows that the embedding is to have.
    int vocabularySize() {
        return config.count("vocab_size");
    }

    /// The files.
    public List<Safetensors> files() {
        return shards.files();
    }

    @Override
    public List<MemorySegment> data() {
        return stored.places().keySet().stream()
                .map(name -> tensor(name).orElseThrow().data())
                .toList();
    }

    @Override
    public long decodedBytes() {
        long bytes = 0;
        for (StoredTensors.Place place : stored.places().values()) {
            List<StoredTensor> slices = slices(place);
            StoredTensor first = slices.getFirst();
            if (slices.size() > 1 || !first.runsInPlace()) {
                bytes += first.running().byteSize(first.columns()) * first.rows() * slices.size();
            }
        }
        return bytes;
    }

    @Override
    public Tokenizer tokenizer() {
        Tokenizer tokenizer =
                Files.exists(directory.resolve("tokenizer.json"))
                        ? HuggingFaceTokenizer.open(directory)
                        : Tokenizer.from(tokenizerMetadata());
        int rows = tensor("token_embd.weight").map(Tensor::rows).orElse(0);
        if (tokenizer.vocabulary().size() > rows) {
            throw new TokenizerException(
                    "%s: the tokenizer has %d tokens, the embedding a row for %d of them"
                            .formatted(source(), tokenizer.vocabulary().size(), rows));
        }
        return tokenizer;
    }

    @Override
    public List<String> notices() {
        List<String> notices = new ArrayList<>();
        String length = family.architecture() + ".context_length";
        if (!metadata(keys).find(length).equals(metadata().find(length))) {
            notices.add(
                    "%s: sliding_window is not supported: the context ends where the window does, at %d"
                            .formatted(source(), metadata().int32(length)));
        }
        if (RopeSettings.dynamic(config)) {
            notices.add(
                    "%s: the dynamic scaling of positions beyond max_position_embeddings, %d, is not supported"
                            .formatted(source(), metadata().int32(length)));
        }
        List<String> unread = config.unread();
        if (!unread.isEmpty()) {
            notices.add(
                    "%s: %s has no effect: %s"
                            .formatted(
                                    source(),
                                    Config.NAME,
                                    String.join(
                                            ", ",
                                            unread.stream().limit(8).map(Quote::quote).toList())));
        }
        return notices;
    }

    @Override
    public synchronized void close() {
        shards.close();
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
