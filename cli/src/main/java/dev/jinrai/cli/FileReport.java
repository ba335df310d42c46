package dev.jinrai.cli;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/// What `inspect` found out about a file. [ReportPage] shows it to people, [ReportJson] to
/// programs.
///
/// @param ranges of every tensor, if they are verified
/// @param tensors whether the table of tensors is wanted
/// @param verified whether the ranges are wanted
record FileReport(
        Gguf gguf, Verdict verdict, List<TensorRange> ranges, boolean tensors, boolean verified) {

    /// Tensors of one type.
    record Total(GgmlType type, long tensors, long weights, long bytes) {
        private Total plus(TensorInfo tensor) {
            return new Total(
                    type, tensors + 1, weights + tensor.elements(), bytes + tensor.byteSize());
        }
    }

    /// {@return the tensors by type, in the order of the types' numbers}
    List<Total> totals() {
        var totals = new TreeMap<GgmlType, Total>();
        for (TensorInfo tensor : gguf.tensors()) {
            GgmlType type = tensor.type();
            totals.put(type, totals.getOrDefault(type, new Total(type, 0, 0, 0)).plus(tensor));
        }
        return new ArrayList<>(totals.values());
    }

    /// {@return how many weights there are}
    long parameters() {
        return totals().stream().mapToLong(Total::weights).sum();
    }

    /// {@return what the tensors take, in bytes}
    long tensorBytes() {
        return totals().stream().mapToLong(Total::bytes).sum();
    }

    /// {@return the length of the file, or of all files of a split model, in bytes}
    long fileBytes() {
        return gguf.files().stream().mapToLong(FileReport::length).sum();
    }

    /// {@return whether the model lies in several files}
    boolean split() {
        return gguf.files().size() > 1;
    }

    private static long length(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new CommandException("%s: %s".formatted(file, IoProblem.of(e)));
        }
    }
}
