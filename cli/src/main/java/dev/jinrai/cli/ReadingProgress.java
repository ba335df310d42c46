package dev.jinrai.cli;

import dev.jinrai.gguf.Warming;
import java.nio.file.Path;

/// How far a model has been read from disk: one line of a terminal, drawn over and over and wiped in the
/// end. A model that is in memory already, or comes quickly, shows nothing.
final class ReadingProgress implements Warming.Listener, AutoCloseable {
    /// How long nobody minds, and between two drawings.
    private static final long PATIENCE_NANOS = 500_000_000;

    private static final long PERIOD_NANOS = 100_000_000;

    private final Path file;
    private final Messages messages;
    private long next = System.nanoTime() + PATIENCE_NANOS;

    ReadingProgress(Path file, Messages messages) {
        this.file = file;
        this.messages = messages;
    }

    @Override
    public void read(long done, long total) {
        if (System.nanoTime() < next) {
            return;
        }
        next = System.nanoTime() + PERIOD_NANOS;
        messages.progress(
                Printable.line(
                        "reading %s: %d%% of %s"
                                .formatted(
                                        file.getFileName(), 100 * done / total, Bytes.of(total))));
    }

    @Override
    public void tooLarge(long total, long available) {
        messages.notice(
                ("%s: its weights are %s and %s of memory are available: what does not fit is read"
                                + " from disk when it is needed, which is slow")
                        .formatted(file, Bytes.of(total), Bytes.of(available)));
    }

    /// Wipes the line.
    @Override
    public void close() {
        messages.progress("");
    }
}
