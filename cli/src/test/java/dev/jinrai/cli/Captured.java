package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;

/// The program run inside the test's own JVM, where a table of cases costs no processes.
record Captured(int code, String out, String err) {

    static Captured run(String... arguments) {
        return run(Map.of(), "", false, arguments);
    }

    /// @param interactive whether the input is to count as a terminal
    static Captured run(
            Map<String, String> environment,
            String input,
            boolean interactive,
            String... arguments) {
        System.setProperty("jinrai.home", Repository.root().toString());
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var io =
                new Io(
                        new ByteArrayInputStream(input.getBytes(UTF_8)),
                        interactive,
                        new Output(out, false),
                        new Messages(new PrintStream(err, true, UTF_8), false),
                        false,
                        environment);
        int code = Program.run(io, arguments);
        return new Captured(code, out.toString(UTF_8), err.toString(UTF_8));
    }
}
