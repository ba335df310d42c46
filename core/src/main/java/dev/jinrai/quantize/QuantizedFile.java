package dev.jinrai.quantize;

import static java.util.Comparator.comparingInt;

import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// # A file in other types: what is to become of each tensor, and then the file
///
/// Made from a model that stays as it is. The file is the one llama-quantize makes, byte for byte: keys in their order, with two
/// anew behind the others (and four for an importance matrix); tensors by layer, then by name.
///
/// Tensors are read, encoded and written one after another, each by all threads: besides the mapped model there is memory for one
/// encoded tensor, the largest.
///
/// Source: `llama_model_quantize_impl` in llama.cpp's llama-quant.cpp (0.7.0).
public final class QuantizedFile {
    private static final String VERSION = "general.quantization_version";
    private static final String FILE_TYPE = "general.file_type";
    private static final int QUANTIZATION_VERSION = 2; // GGML_QNT_VERSION

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,9})\\.");
    private static final Comparator<TensorInfo> ORDER =
            comparingInt(QuantizedFile::layer).thenComparing(TensorInfo::name);

    /// A tensor and the type it gets, which may be its own.
    public record Step(TensorInfo tensor, GgmlType type) {
        /// {@return its size in the new file, in bytes}
        public long byteSize() {
            return type.byteSize(tensor.elements());
        }

        /// {@return whether the bytes stay what they are}
        public boolean copies() {
            return tensor.type() == type;
        }
    }

    /// Hears how it goes, on the calling thread.
    @FunctionalInterface
    public interface Listener {
        /// A tensor's turn comes; those before it are written.
        ///
        /// @param index of the step, from 0
        void next(int index, Step step);
    }

    private final Gguf source;
    private final Recipe recipe;
    private final List<Step> steps;

    private QuantizedFile(Gguf source, Recipe recipe, List<Step> steps) {
        this.source = source;
        this.recipe = recipe;
        this.steps = List.copyOf(steps);
    }

    /// Decides what is to be done, and checks that it can be.
    ///
    /// @param requantize whether tensors that have few bits already may lose some more
    /// @throws QuantizationException if a tensor cannot become what the recipe says; a [RequantizationException] if it should not
    /// @throws dev.jinrai.gguf.GgufException if the file is no model
    public static QuantizedFile of(Gguf source, Recipe recipe, boolean requantize) {
        if (source.metadata().int32("split.count", 1) > 1) {
            throw new QuantizationException("it is one part of several, which are not read yet");
        }
        Mix.Model model = Mix.Model.of(source);
        List<Step> steps = new ArrayList<>();
        for (TensorInfo tensor : source.tensors().stream().sorted(ORDER).toList()) {
            var step = new Step(tensor, recipe.typeOf(tensor, model));
            if (!step.copies()) {
                check(step, requantize);
            }
            steps.add(step);
        }
        for (Recipe.Override override : recipe.overrides()) {
            if (steps.stream().noneMatch(step -> override.matches(step.tensor()))) {
                throw new QuantizationException(
                        "no tensor has '%s' in its name".formatted(override.pattern()));
            }
        }
        return new QuantizedFile(source, recipe, steps);
    }

    private static void check(Step step, boolean requantize) {
        TensorInfo tensor = step.tensor();
        for (GgmlType type : List.of(tensor.type(), step.type())) {
            if (!Formats.supports(type)) {
                throw new QuantizationException(
                        "%s: from %s to %s, this build does not know %s (known: %s)"
                                .formatted(
                                        tensor.name(),
                                        tensor.type(),
                                        step.type(),
                                        type,
                                        Formats.names()));
            }
        }
        if (tensor.extent(0) % step.type().blockLength() != 0) {
            throw new QuantizationException(
                    "%s: rows of %d do not divide into %s's blocks of %d"
                            .formatted(
                                    tensor.name(),
                                    tensor.extent(0),
                                    step.type(),
                                    step.type().blockLength()));
        }
        if (tensor.type().blockLength() > 1 && !requantize) {
            throw new RequantizationException(
                    "%s is %s already: to quantize it again costs more than from 16 or 32 bits"
                            .formatted(tensor.name(), tensor.type()));
        }
    }

    /// {@return every tensor, in the order of the new file}
    public List<Step> steps() {
        return steps;
    }

    /// {@return the tensors' size in the new file, in bytes}
    public long byteSize() {
        return steps.stream().mapToLong(Step::byteSize).sum();
    }

    /// Writes the file, as [GgufWriter#write] does: whole or not at all.
    ///
    /// @param threads that encode
    /// @throws dev.jinrai.gguf.GgufException if it cannot be written
    /// @throws QuantizationException if a weight is not finite, or not finite any more in its new type
    public void write(Path target, int threads, Listener listener) {
        long largest =
                steps.stream().filter(s -> !s.copies()).mapToLong(Step::byteSize).max().orElse(0);
        try (Arena arena = Arena.ofShared();
                var pool = new ForkJoinPool(threads)) {
            MemorySegment room = arena.allocate(Math.max(1, largest), Long.BYTES);
            GgufWriter writer = new GgufWriter();
            addKeys(writer);
            for (int i = 0; i < steps.size(); i++) {
                int index = i;
                Step step = steps.get(i);
                writer.tensor(
                        step.tensor().name(),
                        step.type(),
                        shape(step.tensor()),
                        () -> {
                            listener.next(index, step);
                            return pool.submit(() -> encoded(step, room)).join();
                        });
            }
            writer.write(target);
        }
    }

    private void addKeys(GgufWriter writer) {
        var metadata = source.metadata();
        for (String key : metadata.keys()) {
            if (!key.equals(VERSION) && !key.equals(FILE_TYPE)) {
                writer.put(key, metadata.find(key).orElseThrow());
            }
        }
        writer.uint32(VERSION, QUANTIZATION_VERSION);
        writer.uint32(FILE_TYPE, recipe.mix().fileType());
    }

    /// {@return a tensor's bytes; those that are made lie in `room`}
    private MemorySegment encoded(Step step, MemorySegment room) {
        MemorySegment data = source.data(step.tensor());
        if (step.copies()) {
            return data;
        }
        MemorySegment bytes = room.asSlice(0, step.byteSize());
        Quantizer.quantize(step.tensor(), data, step.type(), bytes);
        data.unload(); // it is not needed again
        return bytes;
    }

    /// Extents of 1 at the end are left out, as ggml does.
    private static List<Long> shape(TensorInfo tensor) {
        int count = Math.max(1, tensor.shape().size());
        while (count > 1 && tensor.extent(count - 1) == 1) {
            count--;
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shape.add(tensor.extent(i));
        }
        return shape;
    }

    private static int layer(TensorInfo tensor) {
        Matcher name = LAYER.matcher(tensor.name());
        return name.lookingAt() ? Integer.parseInt(name.group(1)) : -1;
    }
}
