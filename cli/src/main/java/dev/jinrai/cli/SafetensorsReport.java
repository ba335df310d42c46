package dev.jinrai.cli;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.huggingface.HuggingFaceCheckpoint;
import dev.jinrai.safetensors.DType;
import dev.jinrai.safetensors.Safetensors;
import dev.jinrai.safetensors.TensorEntry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What `inspect` found out about safetensors: a file, or a directory that is a model. Shapes are in the files' order, rows first.
///
/// @param texts of the files' `__metadata__`
/// @param metadata what a directory says, in the keys of a GGUF file
/// @param verdict on a directory
record SafetensorsReport(
        Path path,
        long bytes,
        Map<String, String> texts,
        List<Row> rows,
        Optional<Metadata> metadata,
        Optional<Verdict> verdict) {

    /// A tensor, and the file it is in.
    record Row(String file, TensorEntry tensor) {}

    /// Tensors of one type.
    private record Total(long tensors, long weights, long bytes) {}

    static SafetensorsReport ofFile(Path path) {
        try (Safetensors file = Safetensors.open(path)) {
            return of(path, List.of(file), Optional.empty(), Optional.empty());
        }
    }

    static SafetensorsReport ofDirectory(Path path) {
        try (var checkpoint = ModelFile.named(path, () -> HuggingFaceCheckpoint.open(path))) {
            return of(
                    path,
                    checkpoint.files(),
                    Optional.of(checkpoint.metadata()),
                    Optional.of(Verdict.of(path, checkpoint)));
        }
    }

    private static SafetensorsReport of(
            Path path,
            List<Safetensors> files,
            Optional<Metadata> metadata,
            Optional<Verdict> verdict) {
        List<Row> rows = new ArrayList<>();
        Map<String, String> texts = new LinkedHashMap<>();
        for (Safetensors file : files) {
            texts.putAll(file.metadata());
            String name = file.file().getFileName().toString();
            file.tensors().forEach(tensor -> rows.add(new Row(name, tensor)));
        }
        long bytes = files.stream().mapToLong(Safetensors::fileBytes).sum();
        return new SafetensorsReport(path, bytes, texts, rows, metadata, verdict);
    }

    private Map<DType, Total> totals() {
        var totals = new TreeMap<DType, Total>();
        for (Row row : rows) {
            totals.merge(
                    row.tensor.type(),
                    new Total(1, row.tensor.elements(), row.tensor.byteSize()),
                    (a, b) ->
                            new Total(
                                    a.tensors + b.tensors,
                                    a.weights + b.weights,
                                    a.bytes + b.bytes));
        }
        return totals;
    }

    private long parameters() {
        return totals().values().stream().mapToLong(Total::weights).sum();
    }

    private long tensorBytes() {
        return totals().values().stream().mapToLong(Total::bytes).sum();
    }

    /// For people.
    ///
    /// @param tensors whether the table of tensors is wanted
    void print(boolean tensors, Output out) {
        long files = rows.stream().map(Row::file).distinct().count();
        out.println(
                "%s: safetensors, %d bytes in %d file%s"
                        .formatted(
                                Printable.line(path.toString()),
                                bytes,
                                files,
                                files == 1 ? "" : "s"));
        if (!texts.isEmpty()) {
            out.println("\ntexts of the files");
            var table = new Table("ll");
            texts.forEach((key, text) -> table.row(key, text));
            table.print(out);
        }
        metadata.ifPresent(keys -> {
            out.println("\nmetadata, as a GGUF file has it, %d keys".formatted(keys.keys().size()));
            var table = new Table("lll");
            for (String key : keys.keys()) {
                var value = keys.find(key).orElseThrow();
                table.row(key, value.type(), ShownValue.text(value));
            }
            table.print(out);
        });
        if (tensors) {
            out.println("\ntensors, %d".formatted(rows.size()));
            var table = new Table("llrrrl").row("name", "type", "shape", "bytes", "offset", "file");
            for (Row row : rows) {
                TensorEntry t = row.tensor;
                table.row(
                        t.name(),
                        t.type(),
                        shape(t),
                        t.byteSize(),
                        "0x%X".formatted(t.offset()),
                        row.file);
            }
            table.print(out);
        }
        out.println("\ntotals");
        var table = new Table("lrrr").row("type", "tensors", "weights", "bytes");
        totals().forEach((type, t) -> table.row(type, t.tensors, t.weights, t.bytes));
        table.row("all", rows.size(), parameters(), tensorBytes()).print(out);
        verdict.ifPresent(v -> ReportPage.print(v, tensorBytes(), out));
    }

    private static String shape(TensorEntry tensor) {
        return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    /// For programs.
    ///
    /// @param tensors whether the table of tensors is wanted
    Map<String, @Nullable Object> document(boolean tensors) {
        var document =
                Json.object(
                        "file",
                        path.toString(),
                        "format",
                        "safetensors",
                        "bytes",
                        bytes,
                        "texts",
                        texts,
                        "totals",
                        totals().entrySet().stream()
                                .map(e ->
                                        (Object)
                                                Json.object(
                                                        "type", e.getKey().name(),
                                                        "tensors", e.getValue().tensors,
                                                        "weights", e.getValue().weights,
                                                        "bytes", e.getValue().bytes))
                                .toList(),
                        "parameters",
                        parameters());
        metadata.ifPresent(keys -> {
            var values = new LinkedHashMap<String, Object>();
            for (String key : keys.keys()) {
                values.put(key, ShownValue.json(keys.find(key).orElseThrow()));
            }
            document.put("metadata", values);
        });
        verdict.ifPresent(v -> document.put("support", ReportJson.json(v, tensorBytes())));
        if (tensors) {
            document.put(
                    "tensors",
                    rows.stream()
                            .map(row ->
                                    (Object)
                                            Json.object(
                                                    "name", row.tensor.name(),
                                                    "type", row.tensor.type().name(),
                                                    "shape", row.tensor.shape(),
                                                    "bytes", row.tensor.byteSize(),
                                                    "offset", row.tensor.offset(),
                                                    "file", row.file))
                            .toList());
        }
        return document;
    }
}
