package dev.jinrai.cli;

import dev.jinrai.MemoryNeed;
import dev.jinrai.gguf.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A [FileReport] for programs.
record ReportJson(FileReport report) {

    Map<String, @Nullable Object> document() {
        var metadata = new LinkedHashMap<String, Object>();
        for (String key : report.gguf().metadata().keys()) {
            metadata.put(key, ShownValue.json(report.gguf().metadata().find(key).orElseThrow()));
        }
        var document =
                Json.object(
                        "file", report.gguf().file().toString(),
                        "files", report.gguf().files().stream().map(Path::toString).toList(),
                        "version", report.gguf().version(),
                        "bytes", report.fileBytes(),
                        "alignment", report.gguf().alignment(),
                        "data_offset", report.gguf().dataOffset(),
                        "metadata", metadata,
                        "totals", report.totals().stream().map(ReportJson::json).toList(),
                        "parameters", report.parameters(),
                        "support", json(report.verdict(), report.tensorBytes()));
        if (report.tensors()) {
            document.put("tensors", report.gguf().tensors().stream().map(this::json).toList());
        }
        if (report.verified()) {
            document.put("ranges", report.ranges().stream().map(ReportJson::json).toList());
        }
        return document;
    }

    /// What this build can do with a model.
    ///
    /// @param tensorBytes what its tensors take in its files, in bytes
    static Map<String, @Nullable Object> json(Verdict verdict, long tensorBytes) {
        return Json.object(
                "runs", verdict.runs(),
                "problem", verdict.problem().orElse(null),
                "weights_bytes", tensorBytes,
                "context", verdict.context().map(Verdict.Context::tokens).orElse(null),
                "context_bytes", verdict.context().map(Verdict.Context::bytes).orElse(null),
                "memory", verdict.needs().map(ReportJson::json).orElse(null),
                "tokenizer", verdict.tokenizer().isEmpty(),
                "tokenizer_problem", verdict.tokenizer().orElse(null),
                "chat_template", verdict.template().orElse(null));
    }

    private static Object json(Verdict.Needs needs) {
        var rows = new ArrayList<Object>();
        for (MemoryNeed need : needs.backends()) {
            for (int tokens : needs.contexts()) {
                rows.add(
                        Json.object(
                                "backends", need.backends(),
                                "device", need.device(),
                                "context", tokens,
                                "weights_bytes", need.weights(),
                                "bytes", need.bytes(tokens)));
            }
        }
        return Json.object(
                "available_bytes",
                needs.available().isPresent() ? needs.available().getAsLong() : null,
                "needs",
                rows);
    }

    private static Object json(FileReport.Total total) {
        return Json.object(
                "type", total.type().name(),
                "tensors", total.tensors(),
                "weights", total.weights(),
                "bytes", total.bytes());
    }

    private Object json(TensorInfo t) {
        return Json.object(
                "name", t.name(),
                "type", t.type().name(),
                "shape", t.shape(),
                "bytes", t.byteSize(),
                "file", report.gguf().files().indexOf(report.gguf().file(t)),
                "offset", t.offset());
    }

    private static Object json(TensorRange range) {
        var json =
                Json.object("name", range.tensor().name(), "decoded", range.values().isPresent());
        range.values()
                .ifPresent(v -> {
                    json.put("min", Float.isFinite(v.min()) ? v.min() : null);
                    json.put("max", Float.isFinite(v.max()) ? v.max() : null);
                    json.put("nan", v.nans());
                    json.put("infinite", v.infinities());
                });
        return json;
    }
}
