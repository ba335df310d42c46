package dev.jinrai.cli;

import dev.jinrai.quantize.QuantizedFile;

/// How far a file is: a bar on a terminal, elsewhere a line a tensor.
final class QuantizeProgress implements QuantizedFile.Listener, AutoCloseable {
    private static final int WIDTH = 20;
    private static final int NAME = 36;

    private final QuantizedFile file;
    private final Messages messages;
    private final boolean quiet;
    private final long total;
    private final long start = System.nanoTime();
    private long done;

    /// @param quiet whether there are no lines
    QuantizeProgress(QuantizedFile file, Messages messages, boolean quiet) {
        this.file = file;
        this.messages = messages;
        this.quiet = quiet;
        this.total = file.steps().stream().mapToLong(QuantizeProgress::work).sum();
    }

    /// What a tensor costs: encoding it is more than copying it.
    private static long work(QuantizedFile.Step step) {
        return step.copies() ? step.byteSize() / 16 : step.tensor().byteSize();
    }

    @Override
    public void next(int index, QuantizedFile.Step step) {
        if (messages.terminal()) {
            messages.progress(bar(step));
        } else if (!quiet) {
            messages.line(
                    "[%d/%d] %s %s"
                            .formatted(
                                    index + 1,
                                    file.steps().size(),
                                    step.tensor().name(),
                                    QuantizeReport.change(step)));
        }
        done += work(step);
    }

    private String bar(QuantizedFile.Step step) {
        double part = (double) done / Math.max(1, total);
        int filled = (int) (part * WIDTH);
        double seconds = (System.nanoTime() - start) / 1e9;
        String left = part > 0.02 ? "%.0f s left".formatted(seconds / part * (1 - part)) : "";
        return "[%s%s] %3.0f%%  %-10s  %s %s"
                .formatted(
                        "#".repeat(filled),
                        "-".repeat(WIDTH - filled),
                        100 * part,
                        left,
                        Printable.line(step.tensor().name(), NAME),
                        step.type());
    }

    /// Wipes the bar.
    @Override
    public void close() {
        messages.progress("");
    }
}
