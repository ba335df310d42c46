package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchTest {
    /// A test of a few milliseconds.
    private static final Map<String, String> SHORT =
            Map.of("-p", "8", "-n", "4", "-r", "1", "--warmup", "0", "-t", "1");

    /// {@return the short test, in which options and values may be others}
    private static String[] arguments(String... options) {
        List<String> arguments = new ArrayList<>(List.of("bench"));
        arguments.addAll(List.of(options));
        SHORT.forEach((option, value) -> {
            if (!arguments.contains(option)) {
                arguments.addAll(List.of(option, value));
            }
        });
        return arguments.toArray(String[]::new);
    }

    private static Captured bench(String... options) {
        return Captured.run(arguments(options));
    }

    private static JsonNode json(String... more) {
        Captured result = bench(more);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        return JsonMapper.shared().readTree(result.out());
    }

    @Test
    void showsATableAndTheMachine() {
        Captured result = bench();

        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        List<String> lines = result.out().lines().toList();
        assertThat(lines).hasSize(6);
        assertThat(lines.get(1)).matches("[|:-]+");
        assertThat(lines.get(2))
                .matches(
                        "\\| demo-Q8_0\\.gguf \\| [\\d.]+ MiB \\| [\\d.]+ M \\| cpu \\| 1 \\| pp8"
                                + " \\| [\\d.]+ \\|  \\|  \\| [\\d.]+ [MG]iB \\|");
        assertThat(lines.get(3))
                .matches(
                        ".* \\| tg4 \\| [\\d.]+ \\| [\\d.]+ \\| \\d+ % \\| [\\d.]+"
                                + " [MG]iB \\|");
        assertThat(lines.get(5))
                .matches(".*\\d+-bit vectors.*Java 25.*; 1 thread read [\\d.]+ GB/s; .*");
    }

    /// A minute's tests are not lost to a machine that has no memory left for the last one.
    @Test
    void showsItsResultsWhereTheBandwidthCannotBeMeasured() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var io =
                new Io(
                        InputStream.nullInputStream(),
                        false,
                        new Output(out, false),
                        new Messages(new PrintStream(err, true, UTF_8), false),
                        false,
                        Map.of());
        IntToDoubleFunction none =
                _ -> {
                    throw new CommandException("not measured: no memory");
                };
        System.setProperty("jinrai.home", Repository.root().toString());
        List<String> options = List.of(arguments());
        int code =
                new CommandLine(new BenchCommand(io, none))
                        .execute(options.subList(1, options.size()).toArray(String[]::new));

        assertThat(code).isZero();
        assertThat(err.toString(UTF_8)).isEqualTo("jinrai: not measured: no memory\n");
        assertThat(out.toString(UTF_8))
                .containsPattern("\\| pp8 \\| [\\d.]+ \\|  \\|  \\| [\\d.]+ [MG]iB \\|")
                .containsPattern("\\| tg4 \\| [\\d.]+ \\| [\\d.]+ \\|  \\| [\\d.]+ [MG]iB \\|")
                .doesNotContain(" read ");
    }

    /// The speed of generation times the bytes of the weights and of the keys and values is what was read.
    @Test
    void writesNumbersThatAgree() {
        JsonNode list = json("-o", "json", "-r", "3", "--depth", "0,70", "-b", "scalar");

        assertThat(list.valueStream().map(t -> t.get("test").asString()))
                .containsExactly("pp8", "tg4", "pp8 @ d70", "tg4 @ d70");
        for (JsonNode test : list) {
            assertThat(test.get("backend").asString()).isEqualTo("scalar");
            assertThat(test.get("tokens_per_second_samples").size()).isEqualTo(3);
            double[] samples =
                    test.get("tokens_per_second_samples")
                            .valueStream()
                            .mapToDouble(JsonNode::asDouble)
                            .toArray();
            double mean = (samples[0] + samples[1] + samples[2]) / 3;
            assertThat(mean).isPositive();
            assertThat(test.get("tokens_per_second").asDouble()).isCloseTo(mean, within(1e-6));
            double squares = 0;
            for (double sample : samples) {
                squares += Math.pow(sample - mean, 2);
            }
            assertThat(test.get("tokens_per_second_deviation").asDouble())
                    .isCloseTo(Math.sqrt(squares / 2), within(1e-6));
            assertThat(test.get("read_bandwidth_bytes_per_second").asDouble()).isGreaterThan(1e8);
            assertThat(test.get("peak_memory_bytes").asLong())
                    .isGreaterThan(test.get("model_bytes").asLong());
        }
        assertThat(list.get(0).get("bytes_per_token").isNull()).isTrue();

        JsonNode start = list.get(1);
        JsonNode deep = list.get(3);
        try (Gguf gguf = Gguf.open(Path.of(Repository.file("demo/demo-Q8_0.gguf")))) {
            long layers = gguf.metadata().int32("llama.block_count");
            long heads = gguf.metadata().int32("llama.attention.head_count_kv");
            long length =
                    gguf.metadata().int32("llama.embedding_length")
                            / gguf.metadata().int32("llama.attention.head_count");
            long weights = gguf.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
            TensorInfo embedding = gguf.tensor("token_embd.weight").orElseThrow();
            if (gguf.tensor("output.weight").isPresent()) {
                weights -= embedding.byteSize() / embedding.extent(1) * (embedding.extent(1) - 1);
            }
            double position = layers * heads * length * 2 * 2; // keys and values, f16
            // Tokens 1 to 4 see as many positions, 2.5 on average.
            assertThat(start.get("bytes_per_token").asDouble()).isEqualTo(weights + 2.5 * position);
            assertThat(deep.get("bytes_per_token").asDouble()).isEqualTo(weights + 72.5 * position);
        }
        double speed = start.get("tokens_per_second").asDouble();
        double bytes = start.get("bytes_per_second").asDouble();
        assertThat(bytes / (speed * start.get("bytes_per_token").asDouble()))
                .isCloseTo(1, within(1e-9));
        assertThat(bytes / start.get("read_bandwidth_bytes_per_second").asDouble())
                .isCloseTo(start.get("read_bandwidth_fraction").asDouble(), within(1e-9));
    }

    @Test
    void writesTheSameFieldsAsLinesOfCells() {
        List<String> lines = bench("-o", "csv").out().lines().toList();

        assertThat(lines).hasSize(3);
        List<String> names = cells(lines.getFirst());
        assertThat(names).isEqualTo(new ArrayList<>(json("--json").get(0).propertyNames()));
        for (String line : lines.subList(1, 3)) {
            assertThat(cells(line)).as(line).hasSameSizeAs(names);
        }
        assertThat(cells(lines.get(1)).get(names.indexOf("bytes_per_token"))).isEmpty();
        assertThat(cells(lines.get(2)).get(names.indexOf("test"))).isEqualTo("tg4");
        assertThat(Double.parseDouble(cells(lines.get(2)).get(names.indexOf("bytes_per_token"))))
                .isPositive();
    }

    /// The cells of a line; a quoted one may hold commas.
    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        var cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama3", "llama_moe"}) // a vocabulary this build does not read; experts
    void needsNoVocabulary(String model) {
        JsonNode list =
                json(
                        "-o",
                        "json",
                        "-m",
                        Repository.file("goldens/models/%s.gguf".formatted(model)));

        assertThat(list.size()).isEqualTo(2);
    }

    /// One sample has no deviation; zero would claim that it is exact.
    @Test
    void aSingleRunHasNoDeviation() {
        assertThat(bench("-r", "2").out()).containsPattern("\\| tg4 \\| [\\d.]+ ± [\\d.]+ \\|");
        assertThat(bench().out()).doesNotContain("±");
        assertThat(json("--json").get(0).get("tokens_per_second_deviation").isNull()).isTrue();
        List<String> lines = bench("-o", "csv").out().lines().toList();
        int at = cells(lines.getFirst()).indexOf("tokens_per_second_deviation");
        assertThat(cells(lines.get(1)).get(at)).isEmpty();
    }

    @Test
    void statesTheThreadsThatComputed() {
        assertThat(json("--json", "-t", "3").get(0).get("threads").asInt()).isEqualTo(3);
        assertThat(json("--json", "-t", "3", "-b", "scalar").get(0).get("threads").asInt())
                .isEqualTo(1);
        assertThat(bench("-t", "3", "-b", "scalar").out())
                .contains("| scalar | 1 | pp8 |")
                .contains("; 1 thread read ");
    }

    @Test
    void measuresOnlyWhatIsAskedFor() {
        JsonNode list = json("-o", "json", "-p", "0", "-n", "3,5");

        assertThat(list.valueStream().map(t -> t.get("test").asString()))
                .containsExactly("tg3", "tg5");
    }

    @Test
    void aContextBeyondTheModelsOwnIsNoReasonToStop() {
        Captured result = bench("-o", "json", "-n", "0", "--depth", "1030");

        assertThat(result.code()).isZero();
        assertThat(result.err())
                .isEqualTo(
                        "jinrai: the tests take 1038 tokens, beyond the 1024 that the model was"
                                + " trained for: the speed is right, a text would not be\n");
        JsonNode list = JsonMapper.shared().readTree(result.out());
        assertThat(list.get(0).get("test").asString()).isEqualTo("pp8 @ d1030");
    }

    @Test
    void runsAsAProgram() {
        var result = jinrai(arguments()).run();

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("| cpu | 1 | tg4 |");
    }

    @Test
    void progressIsALineThatGoesAwayAndOnATerminalOnly() {
        var terminal = new ByteArrayOutputStream();
        var file = new ByteArrayOutputStream();
        for (boolean person : new boolean[] {true, false}) {
            var stream = new PrintStream(person ? terminal : file, true, UTF_8);
            var messages = new Messages(stream, person);
            messages.notice("before");
            messages.progress("one");
            messages.progress("two");
            messages.notice("after");
            messages.progress("");
        }

        assertThat(file.toString(UTF_8)).isEqualTo("jinrai: before\njinrai: after\n");
        assertThat(terminal.toString(UTF_8))
                .isEqualTo("jinrai: before\n\r\u001b[Kone\r\u001b[Ktwo\r\u001b[Kjinrai: after\n");
    }

    @Test
    void thePeakIsWhatTheKernelSays() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "only Linux keeps a mark");
        long before = mark(status);
        PeakMemory peak = PeakMemory.now(Path.of(Repository.f16()));

        assertThat(peak.kind()).isEqualTo("resident");
        assertThat(peak.bytes()).isBetween(before, mark(status));
    }

    private static long mark(Path status) throws IOException {
        String text = Files.readString(status);
        var matcher = Pattern.compile("(?m)^VmHWM:\\s*(\\d+) kB$").matcher(text);
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1)) * 1024;
    }
}
