package dev.jinrai.cli;

import java.io.PrintStream;

/// Standard error: what a person reads beside the result. Failing to say something is no failure.
final class Messages {
    private final PrintStream stream;
    private final boolean terminal;

    /// @param terminal whether a person sees it as it comes
    Messages(PrintStream stream, boolean terminal) {
        this.stream = stream;
        this.terminal = terminal;
    }

    /// {@return whether a line may be drawn again and again}
    boolean terminal() {
        return terminal;
    }

    /// `jinrai: …`, one line. Text in it that came from a file cannot make it two.
    void notice(String message) {
        line("jinrai: " + message);
    }

    /// One line.
    void line(String text) {
        stream.println(Printable.line(text));
        stream.flush();
    }

    /// Text of this program, as it is.
    void print(String text) {
        stream.print(text);
        stream.flush();
    }
}
