package dev.jinrai.cli;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What `inspect` shows of a file, as a page or as JSON. Numbers of weights and bytes are exact.
///
/// @param ranges of every tensor, if they are verified
record FileReport(
        Gguf gguf, Verdict verdict, List<TensorRange> ranges, boolean tensors, boolean verified) {

    /// Tensors of one type.
    private record Total(GgmlType type, long tensors, long weights, long bytes) {
        Total plus(TensorInfo tensor) {
            return new Total(
                    type, tensors + 1, weights + tensor.elements(), bytes + tensor.byteSize());
        }
    }

    void print(Output out) {
        out.println(
                "%s: GGUF version %d, %d bytes, alignment %d, tensor data from byte 0x%X"
                        .formatted(
                                Printable.line(gguf.file().toString()),
                                gguf.version(),
                                fileBytes(),
                                gguf.alignment(),
                                gguf.dataOffset()));
        printMetadata(out);
        if (tensors) {
            printTensors(out);
        }
        if (verified) {
            printRanges(out);
        }
        printTotals(out);
        printVerdict(out);
    }

    private void printMetadata(Output out) {
        out.println("\nmetadata, %d keys".formatted(gguf.metadata().keys().size()));
        var table = new Table("lll");
        for (String key : gguf.metadata().keys()) {
            var value = gguf.metadata().find(key).orElseThrow();
            table.row(key, value.type(), ShownValue.text(value));
        }
        table.print(out);
    }

    private void printTensors(Output out) {
        out.println("\ntensors, %d".formatted(gguf.tensors().size()));
        var table = new Table("llrrr").row("name", "type", "shape", "bytes", "offset");
        for (TensorInfo t : gguf.tensors()) {
            table.row(t.name(), t.type(), shape(t), t.byteSize(), "0x%X".formatted(t.offset()));
        }
        table.print(out);
    }

    private void printRanges(Output out) {
        out.println("\nranges of the decoded tensors");
        var table = new Table("llrrrr").row("name", "type", "least", "largest", "NaN", "infinite");
        for (TensorRange range : ranges) {
            TensorInfo t = range.tensor();
            range.values()
                    .ifPresentOrElse(
                            v ->
                                    table.row(
                                            t.name(),
                                            t.type(),
                                            number(v.min()),
                                            number(v.max()),
                                            v.nans(),
                                            v.infinities()),
                            () -> table.row(t.name(), t.type(), "not decoded", "", "", ""));
        }
        table.print(out);
        out.println("  " + verification());
    }

    private String verification() {
        String bad =
                ranges.stream()
                        .filter(range -> !range.sound())
                        .map(range -> Printable.line(range.tensor().name()))
                        .collect(Collectors.joining(", "));
        return bad.isEmpty() ? "every weight is a finite number" : "NOT SOUND: " + bad;
    }

    private void printTotals(Output out) {
        out.println("\ntotals");
        var table = new Table("lrrr").row("type", "tensors", "weights", "bytes");
        for (Total total : totals()) {
            table.row(total.type(), total.tensors(), total.weights(), total.bytes());
        }
        table.row("all", gguf.tensors().size(), parameters(), tensorBytes()).print(out);
        if (parameters() > 0) {
            out.println(
                    String.format(
                            Locale.ROOT,
                            "  %d parameters, %.2f bits each",
                            parameters(),
                            8.0 * tensorBytes() / parameters()));
        }
    }

    private void printVerdict(Output out) {
        out.println("\nthis build");
        var table = new Table("ll");
        table.row("runs it", verdict.problem().map(why -> "no: " + why).orElse("yes"));
        verdict.context()
                .ifPresent(
                        context ->
                                table.row(
                                        "memory",
                                        "%s of weights, mapped from the file; %s for a full context of %d tokens"
                                                .formatted(
                                                        Bytes.of(tensorBytes()),
                                                        Bytes.of(context.bytes()),
                                                        context.tokens())));
        table.row("tokenizer", verdict.tokenizer().map(why -> "no: " + why).orElse("yes"));
        table.row("chat template", verdict.template().orElse("none that it knows"));
        table.print(out);
    }

    Map<String, @Nullable Object> json() {
        var metadata = new java.util.LinkedHashMap<String, Object>();
        for (String key : gguf.metadata().keys()) {
            metadata.put(key, ShownValue.json(gguf.metadata().find(key).orElseThrow()));
        }
        var report =
                Json.object(
                        "file", gguf.file().toString(),
                        "version", gguf.version(),
                        "bytes", fileBytes(),
                        "alignment", gguf.alignment(),
                        "data_offset", gguf.dataOffset(),
                        "metadata", metadata,
                        "totals", totals().stream().map(FileReport::json).toList(),
                        "parameters", parameters(),
                        "support", supportJson());
        if (tensors) {
            report.put("tensors", gguf.tensors().stream().map(FileReport::json).toList());
        }
        if (verified) {
            report.put("ranges", ranges.stream().map(FileReport::json).toList());
        }
        return report;
    }

    private Map<String, @Nullable Object> supportJson() {
        return Json.object(
                "runs", verdict.runs(),
                "problem", verdict.problem().orElse(null),
                "weights_bytes", tensorBytes(),
                "context", verdict.context().map(Verdict.Context::tokens).orElse(null),
                "context_bytes", verdict.context().map(Verdict.Context::bytes).orElse(null),
                "tokenizer", verdict.tokenizer().isEmpty(),
                "tokenizer_problem", verdict.tokenizer().orElse(null),
                "chat_template", verdict.template().orElse(null));
    }

    private static Object json(Total total) {
        return Json.object(
                "type", total.type().name(),
                "tensors", total.tensors(),
                "weights", total.weights(),
                "bytes", total.bytes());
    }

    private static Object json(TensorInfo t) {
        return Json.object(
                "name", t.name(),
                "type", t.type().name(),
                "shape", t.shape(),
                "bytes", t.byteSize(),
                "offset", t.offset());
    }

    private static Object json(TensorRange range) {
        var json = Json.object("name", range.tensor().name(), "decoded", range.values().isPresent());
        range.values()
                .ifPresent(
                        v -> {
                            json.put("min", Float.isFinite(v.min()) ? v.min() : null);
                            json.put("max", Float.isFinite(v.max()) ? v.max() : null);
                            json.put("nan", v.nans());
                            json.put("infinite", v.infinities());
                        });
        return json;
    }

    private List<Total> totals() {
        var totals = new TreeMap<GgmlType, Total>();
        for (TensorInfo tensor : gguf.tensors()) {
            GgmlType type = tensor.type();
            totals.put(type, totals.getOrDefault(type, new Total(type, 0, 0, 0)).plus(tensor));
        }
        return new ArrayList<>(totals.values());
    }

    private long parameters() {
        return totals().stream().mapToLong(Total::weights).sum();
    }

    private long tensorBytes() {
        return totals().stream().mapToLong(Total::bytes).sum();
    }

    private long fileBytes() {
        try {
            return Files.size(gguf.file());
        } catch (IOException e) {
            throw new CommandException("%s: %s".formatted(gguf.file(), IoProblem.of(e)));
        }
    }

    private static String shape(TensorInfo tensor) {
        return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    private static String number(float value) {
        return Float.isFinite(value) ? "%.6g".formatted(value) : "none";
    }
}
