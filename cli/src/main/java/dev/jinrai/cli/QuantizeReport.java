package dev.jinrai.cli;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.quantize.QuantizedFile;
import dev.jinrai.quantize.Recipe;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What became of a file that was quantized, or what would.
///
/// @param out the new file, if it was named
record QuantizeReport(Gguf source, Recipe recipe, QuantizedFile file, Optional<Path> out, Io io) {
    /// Shows each tensor and the size, of a file that was not written.
    void planned(boolean json) {
        if (json) {
            print(null);
            return;
        }
        var table = new Table("llrl");
        for (QuantizedFile.Step step : file.steps()) {
            table.row(
                    step.tensor().name(),
                    shape(step.tensor()),
                    Bytes.of(step.byteSize()),
                    change(step));
        }
        table.print(io.out());
        io.out().println(total("would take"));
    }

    /// Says what was written.
    void written(double seconds, boolean json) {
        if (json) {
            print(seconds);
        } else {
            io.messages()
                    .line(
                            "%s: %s, in %.1f s"
                                    .formatted(out.orElseThrow(), total("takes"), seconds));
        }
    }

    /// {@return `F16 → Q4_K`, or the type that stays}
    static String change(QuantizedFile.Step step) {
        return step.copies()
                ? step.type().name()
                : "%s → %s".formatted(step.tensor().type(), step.type());
    }

    private String total(String verb) {
        return "%s %s %s of tensors, %.2f bits a weight; they were %s"
                .formatted(
                        recipe.mix(),
                        verb,
                        Bytes.of(file.byteSize()),
                        bitsPerWeight(),
                        Bytes.of(sourceBytes()));
    }

    private long sourceBytes() {
        return source.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    }

    private double bitsPerWeight() {
        long weights = source.tensors().stream().mapToLong(TensorInfo::elements).sum();
        return weights == 0 ? 0 : 8.0 * file.byteSize() / weights;
    }

    private static String shape(TensorInfo tensor) {
        return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    /// @param seconds that it took, if it was written
    private void print(@Nullable Double seconds) {
        var tensors =
                file.steps().stream()
                        .map(step ->
                                Json.object(
                                        "name",
                                        step.tensor().name(),
                                        "shape",
                                        step.tensor().shape(),
                                        "from",
                                        step.tensor().type().name(),
                                        "to",
                                        step.type().name(),
                                        "bytes",
                                        step.byteSize()))
                        .toList();
        var document =
                Json.object(
                        "input", source.file().toString(),
                        "type", recipe.mix().name(),
                        "written", seconds != null,
                        "tensors", tensors,
                        "source_bytes", sourceBytes(),
                        "bytes", file.byteSize(),
                        "bits_per_weight", bitsPerWeight());
        out.ifPresent(path -> document.put("output", path.toString()));
        if (seconds != null) {
            document.put("seconds", seconds);
        }
        io.out().println(Json.write(document));
    }
}
