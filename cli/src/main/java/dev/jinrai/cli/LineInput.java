package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// Messages as people type them: a line; a line that ends in `\` and the next one; or all lines
/// between `"""` and `"""`.
final class LineInput {
    private static final String QUOTES = "\"\"\"";
    private static final String PROMPT = "... ";

    private final BufferedReader reader;
    private final Messages messages;
    private volatile boolean abandoned;

    LineInput(Io io) {
        reader = new BufferedReader(new InputStreamReader(io.in(), UTF_8));
        messages = io.messages();
    }

    /// Forgets the lines of the message at hand; the next line begins another. Any thread may call.
    void abandon() {
        abandoned = true;
    }

    /// {@return the next message, or none at the end of the input}
    Optional<String> next() {
        var message = new StringJoiner("\n");
        boolean begun = false;
        boolean quoted = false;
        abandoned = false;
        while (true) {
            String line = line();
            if (line == null) {
                return begun ? Optional.of(message.toString()) : Optional.empty();
            }
            if (abandoned) {
                message = new StringJoiner("\n");
                begun = false;
                quoted = false;
                abandoned = false;
            }
            boolean opens = !begun && line.startsWith(QUOTES);
            if (opens) {
                quoted = true;
                line = line.substring(QUOTES.length());
            }
            boolean closes = quoted && line.endsWith(QUOTES);
            boolean continues = !quoted && line.endsWith("\\");
            if (closes) {
                line = line.substring(0, line.length() - QUOTES.length());
            } else if (continues) {
                line = line.substring(0, line.length() - 1);
            }
            if (!line.isEmpty()
                    || !(opens || closes)) { // quotes on a line of their own are no line
                message.add(line);
            }
            begun = true;
            if (!continues && quoted == closes) {
                return Optional.of(message.toString());
            }
            messages.print(PROMPT);
        }
    }

    private @Nullable String line() {
        try {
            return reader.readLine();
        } catch (IOException e) {
            throw new CommandException("standard input: cannot be read: " + IoProblem.of(e));
        }
    }
}
