package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The program, run as a user runs it: a process with arguments, input, output and an exit code.
final class Jinrai {
    private static final int LIMIT_SECONDS = 120;

    /// The launcher's flags for [VectorModule].
    static final List<String> VECTORS =
            List.of(
                    "-XX:+UnlockExperimentalVMOptions",
                    "-XX:+EnableVectorSupport",
                    "--add-exports",
                    "java.base/jdk.internal.module=dev.jinrai.cli");

    private final List<String> arguments;
    private final List<String> prefix = new ArrayList<>();
    private final List<String> environment = new ArrayList<>();
    private byte @Nullable [] input;
    private boolean classPath;

    /// How a process ended.
    ///
    record Result(int code, String out, String err) {
        /// The lines of standard error.
        List<String> errLines() {
            return err.lines().toList();
        }
    }

    private Jinrai(String... arguments) {
        this.arguments = List.of(arguments);
    }

    static Jinrai jinrai(String... arguments) {
        return new Jinrai(arguments);
    }

    /// Without this there is no standard input, as `</dev/null`.
    Jinrai input(String text) {
        input = text.getBytes(UTF_8);
        return this;
    }

    Jinrai environment(String variable, String value) {
        environment.add(variable);
        environment.add(value);
        return this;
    }

    /// Without modules, so without vectors.
    Jinrai onClassPath() {
        classPath = true;
        return this;
    }

    /// A program that starts this one, and its arguments.
    Jinrai startedBy(String... words) {
        prefix.addAll(List.of(words));
        return this;
    }

    Result run() {
        try {
            Path out = Files.createTempFile("jinrai", ".out");
            Path err = Files.createTempFile("jinrai", ".err");
            try {
                int code = run(Redirect.to(out.toFile()), Redirect.to(err.toFile()));
                return new Result(code, Files.readString(out), Files.readString(err));
            } finally {
                Files.delete(out);
                Files.delete(err);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int run(Redirect out, Redirect err) throws IOException {
        Process process = builder().redirectOutput(out).redirectError(err).start();
        try (OutputStream in = process.getOutputStream()) {
            if (input != null) {
                in.write(input);
            }
        } catch (IOException e) {
            // The program does not read its input; whether it should have, the test will tell.
        }
        return exitCode(process);
    }

    /// Starts it and does not wait. Standard output and error are for the caller to read.
    Process start() {
        try {
            return builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProcessBuilder builder() {
        var builder = new ProcessBuilder(command());
        builder.environment().keySet().removeIf(name -> name.startsWith("JINRAI_"));
        for (int i = 0; i < environment.size(); i += 2) {
            builder.environment().put(environment.get(i), environment.get(i + 1));
        }
        if (input == null) {
            builder.redirectInput(Redirect.from(new File("/dev/null")));
        }
        return builder;
    }

    static int exitCode(Process process) {
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after %d s".formatted(LIMIT_SECONDS));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    List<String> command() {
        var command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx1g", "-Djinrai.home=" + Repository.root()));
        if (!classPath) {
            command.addAll(VECTORS);
        }
        // The launcher's, for the GPU backends and files without a name.
        command.add(
                "--enable-native-access="
                        + (classPath ? "ALL-UNNAMED" : "org.lwjgl,dev.jinrai.gpu,dev.jinrai.core"));
        command.addAll(
                classPath
                        ? List.of("-cp", modules(), "dev.jinrai.cli.Main")
                        : List.of("-p", modules(), "-m", "dev.jinrai.cli/dev.jinrai.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    /// The places of this program's modules: those this test was started with.
    private static String modules() {
        if (!Main.class.getModule().isNamed()) {
            return Arrays.stream(
                            System.getProperty("java.class.path").split(File.pathSeparator, -1))
                    .filter(place -> !place.contains("test-classes"))
                    .collect(Collectors.joining(File.pathSeparator));
        }
        return Objects.requireNonNull(Main.class.getModule().getLayer())
                .configuration()
                .modules()
                .stream()
                .flatMap(module -> module.reference().location().stream())
                .filter(place -> place.getScheme().equals("file"))
                .map(place -> Path.of(place).toString())
                .collect(Collectors.joining(File.pathSeparator));
    }
}
