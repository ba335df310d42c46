package dev.jinrai.quantize;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingInt;

import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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

    private static final String IMATRIX = "quantize.imatrix.";
    private static final int LONGEST_NAME = 127; // bytes of a text that llama-quantize sets

    /// What is new in the file, or true of its parts only.
    private static final Set<String> LEFT_OUT =
            Set.of(VERSION, FILE_TYPE, "split.no", "split.count", "split.tensors.count");

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d{1,9})\\.");
    private static final Comparator<TensorInfo> ORDER =
            comparingInt((TensorInfo tensor) -> layer(tensor.name()))
                    .thenComparing(TensorInfo::name);

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
    private final Optional<Importance> importance;
    private final List<Step> steps;

    /// An importance matrix and the name it has in the new file's keys.
    public record Importance(String name, Imatrix imatrix) {}

    private QuantizedFile(
            Gguf source, Recipe recipe, Optional<Importance> importance, List<Step> steps) {
        this.source = source;
        this.recipe = recipe;
        this.importance = importance;
        this.steps = List.copyOf(steps);
    }

    /// Decides what is to be done, and checks that it can be.
    ///
    /// @param requantize whether tensors that have few bits already may lose some more
    /// @throws QuantizationException if a tensor cannot become what the recipe says; a [RequantizationException] if it should not
    /// @throws dev.jinrai.gguf.GgufException if the file is no model
    public static QuantizedFile of(
            Gguf source, Recipe recipe, boolean requantize, Optional<Importance> importance) {
        Mix.Model model = recipe.counting(Mix.Model.of(source), source.tensors());
        if (importance.isPresent()) {
            model = model.withImportance();
        }
        List<Step> steps = new ArrayList<>();
        for (TensorInfo tensor : source.tensors().stream().sorted(ORDER).toList()) {
            var step = new Step(tensor, recipe.typeOf(tensor, model));
            if (!step.copies()) {
                check(step, requantize);
            }
            steps.add(step);
        }
        for (Recipe.TypeOverride override : recipe.overrides()) {
            if (steps.stream().noneMatch(step -> override.matches(step.tensor()))) {
                throw new QuantizationException(
                        "no tensor has '%s' in its name".formatted(override.pattern()));
            }
        }
        var file = new QuantizedFile(source, recipe, importance, steps);
        steps.stream().filter(step -> !step.copies()).forEach(file::checkImportance);
        return file;
    }

    private void checkImportance(Step step) {
        TensorInfo tensor = step.tensor();
        Optional<float[]> found = importance(tensor);
        if (found.isEmpty() && recipe.mix().needsImportance(tensor, step.type())) {
            throw new QuantizationException(
                    "%s: as %s it is noise without an importance matrix that has it"
                            .formatted(tensor.name(), step.type()));
        }
        long wanted = tensor.extent(0) * tensor.extent(2);
        if (found.isPresent() && found.get().length != wanted) {
            throw new QuantizationException(
                    "%s: wanted the importance of %d inputs, the importance matrix has %d; it is another model's"
                            .formatted(tensor.name(), wanted, found.get().length));
        }
    }

    /// {@return how much each input of a tensor matters; of a row that is looked up nothing is known}
    private Optional<float[]> importance(TensorInfo tensor) {
        return Mix.isEmbedding(tensor)
                ? importance
                        .flatMap(i -> i.imatrix().importance(tensor.name()))
                        .filter(i -> i.length == tensor.extent(0))
                : importance.flatMap(i -> i.imatrix().importance(tensor.name()));
    }

    /// {@return the matrices of blocks that are encoded without knowing what matters, though there is an importance matrix}
    public List<String> unknown() {
        if (importance.isEmpty()) {
            return List.of();
        }
        return steps.stream()
                .filter(step -> !step.copies() && importance(step.tensor()).isEmpty())
                .map(step -> step.tensor().name())
                .filter(name -> layer(name) >= 0)
                .toList();
    }

    private static void check(Step step, boolean requantize) {
        TensorInfo tensor = step.tensor();
        try {
            Formats.of(tensor.type());
            Formats.encodable(step.type());
        } catch (UnsupportedFormatException e) {
            throw new QuantizationException(
                    "%s, from %s to %s: %s"
                            .formatted(tensor.name(), tensor.type(), step.type(), e.getMessage()));
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
        Set<String> ours = new HashSet<>(LEFT_OUT);
        if (importance.isPresent()) {
            List.of("file", "dataset", "entries_count", "chunks_count")
                    .forEach(key -> ours.add(IMATRIX + key));
        }
        for (String key : metadata.keys()) {
            if (!ours.contains(key)) {
                writer.put(key, metadata.find(key).orElseThrow());
            }
        }
        writer.uint32(VERSION, QUANTIZATION_VERSION);
        writer.uint32(FILE_TYPE, recipe.mix().fileType());
        importance.ifPresent(used -> addProvenance(writer, used));
    }

    private static void addProvenance(GgufWriter writer, Importance used) {
        Imatrix imatrix = used.imatrix();
        writer.string(IMATRIX + "file", cut(used.name()));
        if (!imatrix.datasets().isEmpty()) {
            writer.string(IMATRIX + "dataset", cut(imatrix.datasets().getFirst()));
        }
        writer.uint32(IMATRIX + "entries_count", imatrix.entries().size());
        if (imatrix.chunks() > 0) {
            writer.uint32(IMATRIX + "chunks_count", imatrix.chunks());
        }
    }

    /// {@return the beginning of a text, as much of it as llama-quantize keeps, in whole characters}
    private static String cut(String text) {
        String cut = text;
        while (cut.getBytes(UTF_8).length > LONGEST_NAME) {
            cut = cut.substring(0, cut.offsetByCodePoints(cut.length(), -1));
        }
        return cut;
    }

    /// {@return a tensor's bytes; those that are made lie in `room`}
    private MemorySegment encoded(Step step, MemorySegment room) {
        MemorySegment data = source.data(step.tensor());
        if (step.copies()) {
            return data;
        }
        MemorySegment bytes = room.asSlice(0, step.byteSize());
        Optional<float[]> important = importance(step.tensor());
        if (important.isPresent()) {
            Quantizer.quantize(step.tensor(), data, step.type(), bytes, important.get());
        } else {
            Quantizer.quantize(step.tensor(), data, step.type(), bytes);
        }
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

    private static int layer(String tensor) {
        Matcher name = LAYER.matcher(tensor);
        return name.lookingAt() ? Integer.parseInt(name.group(1)) : -1;
    }
}
