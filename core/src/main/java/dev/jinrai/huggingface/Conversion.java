package dev.jinrai.huggingface;

import dev.jinrai.format.BF16;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Q8_0;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.huggingface.Rule.Rows;
import dev.jinrai.huggingface.StoredTensors.Place;
import dev.jinrai.model.ModelException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A directory of Hugging Face as a GGUF file: what llama.cpp's `convert_hf_to_gguf.py` makes of it.
///
/// Names and keys are the GGUF file's; rows of queries and keys are interleaved where the architecture wants it; norms and routers are F32
/// whatever the type; a matrix whose rows do not divide into blocks is F16. The tokenizer is written as `TokenizerKeys` says. Not
/// written is what only a model card knows: licence, authors, tags.
///
/// Memory is bounded by one tensor.
///
/// Source: `conversion/base.py` and `conversion/llama.py` in llama.cpp 0.7.0.
public final class Conversion {
    /// What weights become.
    public enum Type {
        /// BF16 if the first matrix is, else F16.
        AUTO,
        F32,
        F16,
        BF16,
        Q8_0;

        /// {@return the type of this name, in lower case}
        public static Optional<Type> named(String name) {
            for (Type type : values()) {
                if (type.label().equals(name)) {
                    return Optional.of(type);
                }
            }
            return Optional.empty();
        }

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Hears how it goes, on the calling thread.
    @FunctionalInterface
    public interface Listener {
        /// Hears of a tensor that is about to be written.
        ///
        /// @param done bytes of tensors before it
        /// @param total bytes of all tensors
        void writing(String tensor, long done, long total);
    }

    private static final int QUANTIZATION_VERSION = 2;

    private final HuggingFaceCheckpoint checkpoint;
    private final Type type;
    private final GgufKeys keys = new GgufKeys();
    private final List<String> notices = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();

    /// A tensor of the file in the making.
    ///
    /// @param shape in GGUF order, the length of a row first
    private record Target(String name, EncodableFormat format, List<Long> shape, Place place) {
        long elements() {
            return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
        }

        long byteSize() {
            return format.byteSize(elements());
        }
    }

    /// Plans it: everything but the weights is read.
    ///
    /// @param vocabularyOnly leave the weights out: a file to tokenize with
    /// @throws ModelException if a tensor belongs to nothing, or cannot be read
    /// @throws dev.jinrai.tokenizer.TokenizerException if the tokenizer has no form in a GGUF file
    public static Conversion of(
            HuggingFaceCheckpoint checkpoint, Type type, boolean vocabularyOnly) {
        return new Conversion(checkpoint, type, vocabularyOnly);
    }

    private Conversion(HuggingFaceCheckpoint checkpoint, Type type, boolean vocabularyOnly) {
        this.checkpoint = checkpoint;
        this.type = type == Type.AUTO ? guess() : type;
        if (!vocabularyOnly) {
            checkpoint.stored().places().forEach((name, place) -> targets.add(target(name, place)));
            if (!checkpoint.stored().unplaced().isEmpty()) {
                throw new ModelException(
                        "%s: no place in a GGUF file for tensor %s"
                                .formatted(
                                        checkpoint.source(),
                                        checkpoint.called(
                                                checkpoint.stored().unplaced().iterator().next())));
            }
        }
        for (Target target : targets) {
            if (target.name.equals("token_embd.weight")
                    && target.shape.getLast() != checkpoint.vocabularySize()) {
                throw new ModelException(
                        "%s: vocab_size is %d, and the embedding has %d rows"
                                .formatted(
                                        checkpoint.source(),
                                        checkpoint.vocabularySize(),
                                        target.shape.getLast()));
            }
        }
        putKeys(vocabularyOnly);
        // A window, and settings that nothing reads, are the model's: whoever runs the file cannot
        // know.
        notices.addAll(checkpoint.notices());
        if (vocabularyOnly || TokenizerKeys.areIn(checkpoint.directory())) {
            notices.addAll(
                    TokenizerKeys.write(checkpoint.directory(), checkpoint.vocabularySize(), keys));
        } else {
            keys.text(TokenizerKeys.PREFIX + "model", "none");
            notices.add(
                    "%s: has no tokenizer: the GGUF file is for token ids only"
                            .formatted(checkpoint.source()));
        }
    }

    private Type guess() {
        for (Place place : checkpoint.stored().places().values()) {
            StoredTensor tensor = checkpoint.stored().tensor(place.names().getFirst());
            if (!tensor.vector()) {
                return tensor.running() instanceof BF16 ? Type.BF16 : Type.F16;
            }
        }
        return Type.F16;
    }

    private Target target(String name, Place place) {
        List<StoredTensor> slices = checkpoint.slices(place);
        StoredTensor first = slices.getFirst();
        EncodableFormat format = format(name, first);
        List<Long> shape = new ArrayList<>();
        shape.add((long) first.columns());
        if (!first.vector()) {
            shape.add((long) first.rows());
        }
        if (place.rule().ofExperts()) {
            shape.add((long) slices.size());
        }
        return new Target(name, format, shape, place);
    }

    private EncodableFormat format(String name, StoredTensor tensor) {
        if (tensor.vector()
                || name.endsWith("_norm.weight")
                || name.endsWith("ffn_gate_inp.weight")) {
            return new F32();
        }
        return switch (type) {
            case F32 -> new F32();
            case F16 -> new F16();
            case BF16 -> new BF16();
            case Q8_0 -> tensor.columns() % new Q8_0().blockLength() == 0 ? new Q8_0() : new F16();
            case AUTO -> throw new IllegalStateException("guessed already");
        };
    }

    private void putKeys(boolean vocabularyOnly) {
        checkpoint.keys().values().forEach(keys::put);
        if (!vocabularyOnly) {
            keys.text("general.size_label", sizeLabel());
            keys.count("general.file_type", fileType());
        }
        keys.count("general.quantization_version", QUANTIZATION_VERSION);
    }

    /// `enum llama_ftype`: what most of the weights are.
    private int fileType() {
        return switch (type) {
            case F32 -> 0;
            case F16 -> 1;
            case Q8_0 -> 7;
            case BF16 -> 32;
            case AUTO -> throw new IllegalStateException("guessed already");
        };
    }

    /// `1.1B`, or `8x7B` of experts: those every token meets, and one of the others.
    private String sizeLabel() {
        long shared = checkpoint.ropeFactors().length;
        long expert = 0;
        int experts = 0;
        for (Target target : targets) {
            if (target.place.rule().ofExperts()) {
                experts = target.place.names().size();
                expert += target.elements() / experts;
            } else {
                shared += target.elements();
            }
        }
        String label = rounded(shared + expert);
        return experts == 0 ? label : experts + "x" + label;
    }

    /// With two digits at least.
    private static String rounded(long weights) {
        String suffix = weights > 1e12 ? "T" : weights > 1e9 ? "B" : weights > 1e6 ? "M" : "K";
        double scaled =
                weights
                        / switch (suffix) {
                            case "T" -> 1e12;
                            case "B" -> 1e9;
                            case "M" -> 1e6;
                            default -> 1e3;
                        };
        long whole = Math.round(scaled);
        int digits = whole == 0 ? 0 : Long.toString(whole).length();
        String form = "%." + Math.max(2 - digits, 0) + "f%s";
        return String.format(Locale.ROOT, form, scaled, suffix);
    }

    /// {@return what the weights become}
    public Type type() {
        return type;
    }

    /// {@return what of the directory has no effect in the file, in sentences for a user}
    public List<String> notices() {
        return List.copyOf(notices);
    }

    /// {@return the keys of the file}
    public Metadata metadata() {
        return new Metadata(checkpoint.source(), keys.values());
    }

    /// {@return how many tensors the file has}
    public int tensors() {
        return targets.size() + (ropeFactors() ? 1 : 0);
    }

    private boolean ropeFactors() {
        return checkpoint.ropeFactors().length > 0 && !targets.isEmpty();
    }

    /// Writes the file. A file of this name is replaced, in one step, when everything is on the disk.
    ///
    /// @throws dev.jinrai.gguf.GgufException if it cannot be written; nothing is left behind then
    public void write(Path file, Listener listener) {
        var writer = new GgufWriter();
        for (Map.Entry<String, MetadataValue> key : keys.values().entrySet()) {
            writer.put(key.getKey(), key.getValue());
        }
        if (ropeFactors()) {
            float[] factors = checkpoint.ropeFactors();
            writer.tensor(
                    HuggingFaceCheckpoint.ROPE_FACTORS, List.of((long) factors.length), factors);
        }
        long total = targets.stream().mapToLong(Target::byteSize).sum();
        try (var encoded = new Encoded()) {
            long done = 0;
            for (Target target : targets) {
                long before = done;
                writer.tensor(
                        target.name,
                        target.format.type(),
                        target.shape,
                        () -> {
                            listener.writing(target.name, before, total);
                            return encoded.bytes(target);
                        });
                done += target.byteSize();
            }
            writer.write(file);
        }
    }

    /// The bytes of one tensor, which end when the next one's are made.
    private final class Encoded implements AutoCloseable {
        private @Nullable Arena arena;

        MemorySegment bytes(Target target) {
            close();
            List<StoredTensor> slices = checkpoint.slices(target.place);
            RowOrder order = order(target.place.rule().rows(), slices.getFirst());
            StoredTensor first = slices.getFirst();
            if (slices.size() == 1
                    && order.equals(RowOrder.AS_IT_IS)
                    && first.format().filter(f -> f.type() == target.format.type()).isPresent()) {
                return first.data();
            }
            Arena own = Arena.ofShared();
            arena = own;
            MemorySegment bytes = own.allocate(target.byteSize(), 64);
            long size = target.byteSize() / slices.size();
            for (int i = 0; i < slices.size(); i++) {
                slices.get(i).encode(target.format, order, bytes, i * size);
            }
            return bytes;
        }

        @Override
        public void close() {
            if (arena != null) {
                arena.close();
                arena = null;
            }
        }
    }

    private RowOrder order(Rows rows, StoredTensor tensor) {
        String architecture = checkpoint.family().architecture() + ".";
        if (rows == Rows.AS_THEY_ARE || !checkpoint.family().interleavedInGguf()) {
            return RowOrder.AS_IT_IS;
        }
        Metadata metadata = metadata();
        int heads =
                metadata.int32(
                        architecture
                                + (rows == Rows.QUERIES
                                        ? "attention.head_count"
                                        : "attention.head_count_kv"));
        int turning = metadata.int32(architecture + "rope.dimension_count");
        if (tensor.rows() % heads != 0 || turning > tensor.rows() / heads) {
            throw new ModelException(
                    "%s: %d rows are not %d heads of %d or more"
                            .formatted(tensor.name(), tensor.rows(), heads, turning));
        }
        return RowOrder.interleaved(tensor.rows() / heads, turning);
    }
}
