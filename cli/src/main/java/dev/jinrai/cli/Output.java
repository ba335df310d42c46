package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// Standard output, in UTF-8 whatever the locale is. A write that fails is an [OutputException],
/// never a loss that nobody hears of.
///
/// What is written is buffered until [#flush]; the program flushes at its end.
final class Output {
    private final OutputStream stream;
    private final boolean terminal;
    private boolean failed;

    /// @param terminal whether a person looks at it, so that control characters are to be shown
    Output(OutputStream stream, boolean terminal) {
        this.stream = new BufferedOutputStream(stream, 1 << 13);
        this.terminal = terminal;
    }

    void print(String text) {
        write(text.getBytes(UTF_8));
    }

    void println(String line) {
        print(line);
        print("\n");
    }

    /// Prints what a model said: on a terminal it cannot do more than be read.
    void printGenerated(String text) {
        print(terminal ? Printable.text(text) : text);
    }

    void flush() {
        attempt(stream::flush);
    }

    private void write(byte[] bytes) {
        attempt(() -> stream.write(bytes));
    }

    private interface Action {
        void run() throws IOException;
    }

    private void attempt(Action action) {
        if (failed) { // it was said once; what is buffered is lost anyway
            return;
        }
        try {
            action.run();
        } catch (IOException e) {
            failed = true;
            throw new OutputException(e);
        }
    }
}
