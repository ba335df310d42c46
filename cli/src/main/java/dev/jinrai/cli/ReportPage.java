package dev.jinrai.cli;

import dev.jinrai.MemoryNeed;
import dev.jinrai.gguf.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// A [FileReport] for people. Numbers of weights and bytes are exact.
record ReportPage(FileReport report) {

    void print(Output out) {
        out.println(
                "%s: GGUF version %d, %d bytes%s, alignment %d, tensor data from byte 0x%X"
                        .formatted(
                                Printable.line(report.gguf().file().toString()),
                                report.gguf().version(),
                                report.fileBytes(),
                                report.split()
                                        ? " in %d files".formatted(report.gguf().files().size())
                                        : "",
                                report.gguf().alignment(),
                                report.gguf().dataOffset()));
        printMetadata(out);
        if (report.tensors()) {
            printTensors(out);
        }
        if (report.verified()) {
            printRanges(out);
        }
        printTotals(out);
        printVerdict(out);
    }

    private void printMetadata(Output out) {
        out.println("\nmetadata, %d keys".formatted(report.gguf().metadata().keys().size()));
        var table = new Table("lll");
        for (String key : report.gguf().metadata().keys()) {
            var value = report.gguf().metadata().find(key).orElseThrow();
            table.row(key, value.type(), ShownValue.text(value));
        }
        table.print(out);
    }

    private void printTensors(Output out) {
        out.println("\ntensors, %d".formatted(report.gguf().tensors().size()));
        var table =
                new Table("llrrrl").row("name", "type", "shape", "bytes", "offset", split("file"));
        for (TensorInfo t : report.gguf().tensors()) {
            table.row(
                    t.name(),
                    t.type(),
                    shape(t),
                    t.byteSize(),
                    "0x%X".formatted(t.offset()),
                    split(String.valueOf(report.gguf().file(t).getFileName())));
        }
        table.print(out);
    }

    /// What is said only of a model in several files.
    private String split(String cell) {
        return report.split() ? cell : "";
    }

    private void printRanges(Output out) {
        out.println("\nranges of the decoded tensors");
        var table = new Table("llrrrr").row("name", "type", "least", "largest", "NaN", "infinite");
        for (TensorRange range : report.ranges()) {
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
                            () ->
                                    table.row(
                                            t.name(),
                                            t.type(),
                                            range.integers() ? "integers" : "not decoded",
                                            "",
                                            "",
                                            ""));
        }
        table.print(out);
        out.println("  " + verification());
    }

    private String verification() {
        String bad =
                report.ranges().stream()
                        .filter(range -> !range.sound())
                        .map(range -> Printable.line(range.tensor().name()))
                        .collect(Collectors.joining(", "));
        return bad.isEmpty() ? "every weight is a finite number" : "NOT SOUND: " + bad;
    }

    private void printTotals(Output out) {
        out.println("\ntotals");
        var table = new Table("lrrr").row("type", "tensors", "weights", "bytes");
        for (FileReport.Total total : report.totals()) {
            table.row(total.type(), total.tensors(), total.weights(), total.bytes());
        }
        table.row("all", report.gguf().tensors().size(), report.parameters(), report.tensorBytes())
                .print(out);
        if (report.parameters() > 0) {
            out.println(
                    "  %d parameters, %.2f bits each"
                            .formatted(
                                    report.parameters(),
                                    8.0 * report.tensorBytes() / report.parameters()));
        }
    }

    private void printVerdict(Output out) {
        print(report.verdict(), report.tensorBytes(), out);
    }

    /// What this build can do with a model.
    ///
    /// @param tensorBytes what its tensors take in its files, in bytes
    static void print(Verdict verdict, long tensorBytes, Output out) {
        out.println("\nthis build");
        var table = new Table("ll");
        table.row("runs it", verdict.problem().map(why -> "no: " + why).orElse("yes"));
        verdict.context().ifPresent(context -> table.row("memory", memory(context, tensorBytes)));
        table.row("tokenizer", verdict.tokenizer().map(why -> "no: " + why).orElse("yes"));
        table.row("chat template", verdict.template().orElse("none that it knows"));
        table.print(out);
        verdict.needs().ifPresent(needs -> printNeeds(needs, out));
    }

    private static void printNeeds(Verdict.Needs needs, Output out) {
        out.println("\nmemory it takes, in MiB, with keys and values as f16");
        int columns = needs.contexts().size();
        var table = new Table("lr" + "r".repeat(columns) + "l");
        var head = new ArrayList<Object>(List.of("backend", "weights"));
        needs.contexts().forEach(tokens -> head.add(tokens + " tokens"));
        table.row(head.toArray());
        for (MemoryNeed need : needs.backends()) {
            var row = new ArrayList<Object>();
            row.add(String.join(", ", need.backends()) + (need.device() ? " (of the device)" : ""));
            row.add(mib(need.weights()));
            needs.contexts().forEach(tokens -> row.add(mib(need.bytes(tokens))));
            table.row(row.toArray());
        }
        table.print(out);
        needs.available()
                .ifPresent(bytes ->
                        out.println(
                                "  %s of this machine's memory are free"
                                        .formatted(Bytes.of(bytes))));
    }

    private static long mib(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20);
    }

    private static String memory(Verdict.Context context, long tensorBytes) {
        return "%s of weights, mapped from the file; %s for %d tokens of context"
                .formatted(Bytes.of(tensorBytes), Bytes.of(context.bytes()), context.tokens());
    }

    private static String shape(TensorInfo tensor) {
        return tensor.shape().stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    private static String number(float value) {
        return Float.isFinite(value) ? "%.6g".formatted(value) : "none";
    }
}
