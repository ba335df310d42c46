package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Everything a command reads from and writes to.
///
/// @param interactive whether a person types the input
/// @param colour whether help may be coloured
record Io(
        InputStream in,
        boolean interactive,
        Output out,
        Messages messages,
        boolean colour,
        Map<String, String> environment) {

    /// The process's own.
    static Io system() {
        boolean input = isTerminal(0);
        boolean output = isTerminal(1);
        return new Io(
                new FileInputStream(FileDescriptor.in),
                input,
                new Output(new FileOutputStream(FileDescriptor.out), output),
                new Messages(
                        new PrintStream(new FileOutputStream(FileDescriptor.err), false, UTF_8),
                        isTerminal(2)),
                output && System.getenv().getOrDefault("NO_COLOR", "").isEmpty(),
                System.getenv());
    }

    /// {@return the value of a variable of the environment; an empty one counts as not set}
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 returns null again where there is no terminal
    private static boolean isTerminal(int descriptor) {
        Console console = System.console();
        if (console != null && console.isTerminal()) {
            return true;
        }
        // The JVM asks for input and output together; Linux tells them apart.
        try {
            Path device = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
            return device.startsWith("/dev/pts") || device.toString().startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
