package dev.jinrai.huggingface;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.gguf.Quote;
import dev.jinrai.model.ModelException;
import dev.jinrai.safetensors.DType;
import dev.jinrai.safetensors.Shards;
import dev.jinrai.safetensors.TensorEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// The tensors of a directory by their names in GGUF files, and what becomes of the others.
final class StoredTensors {
    private static final Set<String> SCALES = Set.of("_scale", "_scale_inv");

    /// What activations, keys and values would be rounded with; ours are not.
    private static final Set<String> OF_ACTIVATIONS =
            Set.of("input_scale", "activation_scale", "k_scale", "v_scale");

    /// Methods whose weights are F8 with a scale.
    private static final Set<String> METHODS =
            Set.of("compressed-tensors", "fbgemm_fp8", "fp8", "modelopt");

    private final Config config;
    private final Shards shards;
    private final Optional<List<Integer>> block;
    private final Map<String, Place> places = new LinkedHashMap<>();
    private final Set<String> unplaced = new TreeSet<>();

    /// @param names of the tensors whose slices it has: one, or one an expert
    record Place(Rule rule, List<String> names) {}

    StoredTensors(Config config, Shards shards, Family family, int layers, int experts) {
        this.config = config;
        this.shards = shards;
        this.block = block();
        shards.tensors().forEach(tensor -> unplaced.add(tensor.name()));
        for (Rule rule : family.tensors()) {
            for (int layer = 0; layer < (rule.inLayers() ? layers : 1); layer++) {
                place(rule, layer, rule.ofExperts() ? experts : 1);
            }
        }
        if (family.tied(config)) {
            places.remove("output.weight"); // the class does not read it then
        } else if (!places.containsKey("output.weight")) {
            throw new ModelException(
                    "%s: no tensor for the output matrix, and tie_word_embeddings is not true"
                            .formatted(shards.directory()));
        }
        unplaced.removeIf(this::computesNothing);
    }

    private void place(Rule rule, int layer, int experts) {
        List<String> names =
                IntStream.range(0, experts)
                        .mapToObj(expert -> rule.from(layer, expert))
                        .filter(unplaced::contains)
                        .toList();
        if (names.isEmpty()) {
            return; // whoever needs it says so
        }
        if (names.size() < experts) {
            throw new ModelException(
                    "%s: layer %d has %d of its %d tensors %s"
                            .formatted(
                                    shards.directory(),
                                    layer,
                                    names.size(),
                                    experts,
                                    rule.from().replace(Rule.LAYER, Integer.toString(layer))));
        }
        places.put(rule.to(layer), new Place(rule, names));
        names.forEach(unplaced::remove);
    }

    /// Frequencies that older versions of the classes stored, and what belongs to F8 weights.
    private boolean computesNothing(String name) {
        if (name.endsWith(".rotary_emb.inv_freq")) {
            return true;
        }
        for (String scale : SCALES) {
            if (name.endsWith(".weight" + scale)) {
                return isF8(name.substring(0, name.length() - scale.length()));
            }
        }
        String last = name.substring(name.lastIndexOf('.') + 1);
        return OF_ACTIVATIONS.contains(last) && config.has("quantization_config");
    }

    private boolean isF8(String name) {
        return shards.tensor(name).filter(tensor -> tensor.type() == DType.F8_E4M3).isPresent();
    }

    private Optional<List<Integer>> block() {
        Optional<Config> quantization = config.part("quantization_config");
        if (quantization.isEmpty()) {
            return Optional.empty();
        }
        String method = quantization.get().text("quant_method", "");
        if (!METHODS.contains(method)) {
            throw quantization
                    .get()
                    .wrong(
                            "quant_method",
                            "%s is not supported (known: %s); F32, F16, BF16 and F8_E4M3 weights"
                                            .formatted(
                                                    Quote.quote(method),
                                                    String.join(", ", new TreeSet<>(METHODS)))
                                    + " are");
        }
        if (!quantization.get().has("weight_block_size")) {
            return Optional.empty();
        }
        List<Integer> block = quantization.get().counts("weight_block_size");
        if (block.size() != 2) {
            throw quantization
                    .get()
                    .wrong("weight_block_size", "wanted two numbers, got " + block.size());
        }
        return Optional.of(block);
    }

    /// {@return where each tensor of a GGUF file is}
    Map<String, Place> places() {
        return places;
    }

    /// {@return the names of tensors that belong to nothing}
    Set<String> unplaced() {
        return unplaced;
    }

    /// @throws ModelException if this build cannot read it; the message names it
    StoredTensor tensor(String name) {
        TensorEntry entry = shards.tensor(name).orElseThrow();
        List<Long> shape = entry.shape();
        if (shape.isEmpty() || shape.size() > 2) {
            throw wrong(name, "wanted 1 or 2 dimensions, got shape " + shape);
        }
        for (long extent : shape) {
            if (extent < 1 || extent > Integer.MAX_VALUE) {
                throw wrong(
                        name,
                        "wanted extents from 1 to %d, got shape %s"
                                .formatted(Integer.MAX_VALUE, shape));
            }
        }
        boolean vector = shape.size() == 1;
        int rows = vector ? 1 : shape.getFirst().intValue();
        int columns = shape.getLast().intValue();
        Optional<EncodableFormat> format = StoredTensor.format(entry.type());
        Optional<F8Scale> scale = Optional.empty();
        if (entry.type() == DType.F8_E4M3 && !vector) {
            scale = Optional.of(scale(name, rows, columns));
        } else if (format.isEmpty()) {
            throw wrong(
                    name,
                    "%s is not supported (known: BF16, F16, F32 and, for matrices, F8_E4M3)"
                            .formatted(entry.type()));
        }
        return new StoredTensor(name, rows, columns, vector, format, shards.data(name), scale);
    }

    private F8Scale scale(String name, int rows, int columns) {
        TensorEntry entry =
                SCALES.stream()
                        .flatMap(suffix -> shards.tensor(name + suffix).stream())
                        .findFirst()
                        .orElseThrow(() ->
                                wrong(name, "F8_E4M3 without a tensor of that name and _scale"));
        EncodableFormat format =
                StoredTensor.format(entry.type())
                        .orElseThrow(
                                () -> wrong(entry.name(), entry.type() + " is no type of a scale"));
        int blockRows = rows;
        int blockColumns = columns;
        List<Long> wanted = List.of();
        if (entry.elements() == 1) {
            wanted = entry.shape();
        } else if (block.isPresent()) {
            blockRows = block.get().getFirst();
            blockColumns = block.get().getLast();
            wanted =
                    List.of(
                            (long) Math.ceilDiv(rows, blockRows),
                            (long) Math.ceilDiv(columns, blockColumns));
        } else if (entry.elements() == rows) {
            blockRows = 1;
            wanted = entry.shape().size() == 1 ? List.of((long) rows) : List.of((long) rows, 1L);
        }
        if (!wanted.equals(entry.shape())) {
            throw wrong(
                    entry.name(),
                    "wanted one scale, one a row of %d, or one a block of weight_block_size, got %s"
                            .formatted(rows, entry.shape()));
        }
        int perRow = Math.ceilDiv(columns, blockColumns);
        return F8Scale.of(
                format,
                shards.data(entry.name()),
                (int) (entry.elements() / perRow),
                perRow,
                blockRows,
                blockColumns);
    }

    private static ModelException wrong(String name, String problem) {
        return new ModelException(Quote.printable(name) + ": " + problem);
    }
}
