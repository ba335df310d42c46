package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.cli.Jinrai.Result;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/// Signals, closed pipes, full disks: what the system does to a program.
class StreamsTest {
    private static final String[] ENDLESS = {
        "run", "-p", "Once upon a time", "-n", "1000", "--ignore-eos", "-b", "scalar"
    };

    @Test
    void anInterruptKeepsTheTextAndSaysHowFarItCame() throws IOException {
        Process process = interruptible(Arrays.stream(ENDLESS)).start();
        String out = interruptWhenItSpeaks(process);
        String err = new String(process.getErrorStream().readAllBytes(), UTF_8);

        assertThat(Jinrai.exitCode(process)).isEqualTo(130);
        assertThat(out).endsWith("\n");
        assertThat(err.lines().toList())
                .last()
                .asString()
                .matches("prompt 5 tok .* · first token .* · generated \\d+ tok.*");
    }

    @Test
    void anInterruptLeavesAWholeDocument() throws IOException {
        Path file = Files.createTempFile("jinrai", ".json");
        try {
            int code = 0;
            // Nothing shows when the answer has begun; before that the program ends without a word.
            for (int wait = 1000; wait <= 8000 && Files.size(file) == 0; wait *= 2) {
                Process process =
                        interruptible(Stream.concat(Arrays.stream(ENDLESS), Stream.of("--json")))
                                .builder()
                                .redirectOutput(file.toFile())
                                .start();
                sleep(wait);
                interrupt(process);
                code = Jinrai.exitCode(process);
            }

            assertThat(code).isEqualTo(130);
            var answer = JsonMapper.shared().readTree(file.toFile());
            assertThat(answer.get("finish_reason").asString()).isEqualTo("cancelled");
        } finally {
            Files.delete(file);
        }
    }

    /// The third test would take minutes.
    @ParameterizedTest
    @ValueSource(strings = {"md", "json", "csv"})
    void anInterruptedBenchShowsWhatItHasMeasured(String format) throws IOException {
        Path out = Files.createTempFile("jinrai", ".out");
        Path err = Files.createTempFile("jinrai", ".err");
        String[] arguments = {
            "bench", "-p", "8", "-n", "4,100000", "-r", "1", "--warmup", "0", "-t", "1"
        };
        try {
            int code = 0;
            // Nothing shows when two tests are done; too early, the program has nothing to show.
            for (int wait = 1000; wait <= 16000 && !holdsTwoTests(out); wait *= 2) {
                Process process =
                        interruptible(
                                        Stream.concat(
                                                Arrays.stream(arguments), Stream.of("-o", format)))
                                .builder()
                                .redirectOutput(out.toFile())
                                .redirectError(err.toFile())
                                .start();
                sleep(wait);
                interrupt(process);
                code = Jinrai.exitCode(process);
            }

            assertThat(code).isEqualTo(130);
            assertThat(Files.readString(err))
                    .isEqualTo(
                            "jinrai: the tests take 100000 tokens, beyond the 1024 that the model"
                                + " was trained for: the speed is right, a text would not be\n"
                                + "jinrai: interrupted: left out tg100000 and the bandwidth of the"
                                + " memory\n");
            String shown = Files.readString(out);
            switch (format) {
                case "md" ->
                        assertThat(shown)
                                .hasLineCount(6)
                                .containsPattern(
                                        "\\| tg4 \\| [\\d.]+ \\| [\\d.]+ \\|  \\| [\\d.]+ MiB")
                                .contains("; 1 thread; peak memory");
                case "csv" -> assertThat(shown).hasLineCount(3).contains("\n\"tg4\",4,0,");
                default -> {
                    var tests = JsonMapper.shared().readTree(shown);
                    assertThat(tests.size()).isEqualTo(2);
                    assertThat(tests.get(1).get("test").asString()).isEqualTo("tg4");
                    assertThat(tests.get(1).get("bytes_per_second").asDouble()).isPositive();
                    assertThat(tests.get(1).get("read_bandwidth_bytes_per_second").isNull())
                            .isTrue();
                    assertThat(tests.get(1).get("read_bandwidth_fraction").isNull()).isTrue();
                }
            }
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private static boolean holdsTwoTests(Path file) throws IOException {
        return Files.readString(file).contains("tg4");
    }

    @Test
    void aReaderThatHasSeenEnoughIsNoFailure() throws IOException {
        Process process = jinrai(ENDLESS).start();
        try (InputStream out = process.getInputStream()) {
            assertThat(out.read()).isNotNegative();
        }
        String err = new String(process.getErrorStream().readAllBytes(), UTF_8);

        assertThat(Jinrai.exitCode(process)).isZero();
        assertThat(err.lines()).noneMatch(line -> line.startsWith("jinrai:"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "run -p Once -n 2 -b scalar",
                "inspect --tensors",
                "tokenize hello",
                "--help",
                "help run",
                "--version",
            })
    void aFullDiskIsOneLine(String arguments) throws IOException {
        File full = new File("/dev/full");
        assumeTrue(full.exists(), "only Linux has a disk that is always full");
        Process process =
                jinrai(arguments.split(" ", -1))
                        .builder()
                        .redirectOutput(Redirect.to(full))
                        .start();
        String err = new String(process.getErrorStream().readAllBytes(), UTF_8);

        assertThat(Jinrai.exitCode(process)).isEqualTo(1);
        assertThat(err.lines())
                .containsExactly(
                        "jinrai: cannot write to standard output: No space left on device");
    }

    @Test
    void argumentsThatTheLocaleCannotCarryAreRefused() {
        assumeTrue(Files.exists(Path.of("/proc")), "a matter of Linux");
        Result result = jinrai("tokenize", "Zürich").environment("LC_ALL", "C").run();

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .isEqualTo(
                        "jinrai: the arguments hold characters that the locale (ANSI_X3.4-1968)"
                                + " cannot carry; set LC_ALL=C.UTF-8\n");
    }

    @Test
    void inputIsUtf8WhateverTheLocale() {
        Result result = jinrai("tokenize").input("Zürich").environment("LC_ALL", "C").run();

        assertThat(result).isEqualTo(jinrai("tokenize").input("Zürich").run());
        assertThat(result.code()).isZero();
    }

    /// A process that is started where interrupts are ignored, as in the background of a script,
    /// ignores them too; `env` undoes that.
    private static Jinrai interruptible(Stream<String> arguments) throws IOException {
        Process probe = new ProcessBuilder("env", "--default-signal=INT", "true").start();
        Jinrai program = jinrai(arguments.toArray(String[]::new));
        return Jinrai.exitCode(probe) == 0
                ? program.startedBy("env", "--default-signal=INT")
                : program;
    }

    private static String interruptWhenItSpeaks(Process process) throws IOException {
        InputStream out = process.getInputStream();
        int first = out.read();
        interrupt(process);
        return (char) first + new String(out.readAllBytes(), UTF_8);
    }

    private static void interrupt(Process process) throws IOException {
        Process kill = new ProcessBuilder("kill", "-INT", "" + process.pid()).start();
        assertThat(Jinrai.exitCode(kill)).isZero();
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
