package dev.jinrai.cli;

import java.io.PrintStream;

/// Standard error: what a person reads beside the result. Failing to say something is no failure.
final class Messages {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintStream stream;
    private final boolean terminal;
    private boolean progressing;

    /// @param terminal whether a person looks at it while it is written
    Messages(PrintStream stream, boolean terminal) {
        this.stream = stream;
        this.terminal = terminal;
    }

    /// What is being done: a line that the next one replaces, on a terminal only. An empty one removes it.
    void progress(String text) {
        if (terminal && (progressing || !text.isEmpty())) {
            print(CLEAR_LINE + text);
            progressing = !text.isEmpty();
        }
    }

    /// `jinrai: …`, one line. Text in it that came from a file cannot make it two.
    void notice(String message) {
        line("jinrai: " + message);
    }

    /// One line.
    void line(String text) {
        progress("");
        stream.println(Printable.line(text));
        stream.flush();
    }

    /// {@return whether a person looks at it while it is written}
    boolean terminal() {
        return terminal;
    }

    /// What a model said: on a terminal it cannot do more than be read.
    void printGenerated(String text) {
        print(terminal ? Printable.text(text) : text);
    }

    /// Text of this program, as it is.
    void print(String text) {
        stream.print(text);
        stream.flush();
    }
}
