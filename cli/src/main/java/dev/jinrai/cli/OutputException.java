package dev.jinrai.cli;

import java.io.IOException;
import java.util.Locale;

/// Standard output takes no more.
final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean closed;

    OutputException(IOException cause) {
        super("cannot write to standard output: " + IoProblem.of(cause), cause);
        // The system's own words are all there is; every language of glibc keeps the word "pipe".
        closed = ("" + cause.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
    }

    /// {@return whether the reader has gone, as `head` does when it has seen enough: no failure}
    boolean closed() {
        return closed;
    }
}
