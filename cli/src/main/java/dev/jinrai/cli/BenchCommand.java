package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.backend.Backend;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.IntToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `jinrai bench`: how fast a model runs here, in llama-bench's terms.
///
/// One process measures one model: another one's compiled code and memory would be in its numbers.
@Command(
        name = "bench",
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Measures the speed of reading a prompt (pp) and of generating (tg), in tokens per"
                    + " second.",
            "",
            "Each test is warmed up, then repeated: mean ± standard deviation. The tokens are"
                + " random ids with a fixed seed, and nothing is sampled, so a model needs no"
                + " vocabulary. For generation it shows the bytes read from memory per second too,"
                + " and their part of what the machine can read, which is measured afterwards with"
                + " as many threads. -p, -n and --depth take lists: 128,512.",
            "",
            "Ctrl-C shows the tests that are done.",
            ""
        })
final class BenchCommand implements Callable<Integer> {
    private static final int MOST_REPETITIONS = 1000;
    private static final int MOST_SECONDS = 3600;

    @Option(
            names = {"-p", "--prompt-tokens"},
            paramLabel = "N",
            description = "Tokens of a prompt; 0 for no such test (default: 512).")
    private String prompts = "512";

    @Option(
            names = {"-n", "--generated-tokens"},
            paramLabel = "N",
            description = "Tokens to generate; 0 for no such test (default: 128).")
    private String generated = "128";

    @Option(
            names = "--depth",
            paramLabel = "N",
            description = "Tokens that are in the context already (default: 0).")
    private String depths = "0";

    @Option(
            names = {"-r", "--repetitions"},
            paramLabel = "N",
            description = "How often each test is measured, 1 to 1000 (default: 5).")
    private int repetitions = 5;

    @Option(
            names = "--warmup",
            paramLabel = "SECONDS",
            description =
                    "How long each test runs unmeasured before, once at least, 0 to 3600 (default:"
                            + " 2).")
    private int warmup = 2;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "md, json or csv (default: md).")
    private Optional<String> format = Optional.empty();

    @Mixin private ModelArguments model = new ModelArguments();
    @Mixin private JsonArguments json = new JsonArguments();

    private final Io io;
    private final IntToDoubleFunction readBandwidth;

    BenchCommand(Io io) {
        this(io, ReadBandwidth::bytesPerSecond);
    }

    /// @param readBandwidth bytes per second that so many threads read; fails with [CommandException] only
    BenchCommand(Io io, IntToDoubleFunction readBandwidth) {
        this.io = io;
        this.readBandwidth = readBandwidth;
    }

    @Override
    public Integer call() {
        BenchReport report = report();
        Range.whole("--repetitions", repetitions, 1, MOST_REPETITIONS);
        Range.whole("--warmup", warmup, 0, MOST_SECONDS);
        List<Trial> tests =
                Trial.all(
                        TokenCounts.parse("--prompt-tokens", prompts),
                        TokenCounts.parse("--generated-tokens", generated),
                        TokenCounts.parse("--depth", depths));
        if (tests.isEmpty()) {
            throw new UsageException(
                    "nothing to measure: --prompt-tokens and --generated-tokens are both 0");
        }
        int needed = tests.stream().mapToInt(Trial::end).max().orElseThrow();
        try (Model opened = model.open(io, needed)) {
            if (opened.contextLength() < needed) {
                throw new UsageException(
                        "--context: wanted %d or more, which the tests need, got %d"
                                .formatted(needed, opened.contextLength()));
            }
            if (needed > opened.config().contextLength()) {
                io.messages()
                        .notice(
                                ("the tests take %d tokens, beyond the %d that the model was"
                                     + " trained for: the speed is right, a text would not be")
                                        .formatted(needed, opened.config().contextLength()));
            }
            var results = new BenchResults(opened, tests, report, io);
            try (var _ = Interrupts.watch(results::interrupted)) {
                new Bench(opened, repetitions, warmup, io.messages()).run(tests, results::add);
                results.finish(bandwidth(opened.backend()));
            }
        }
        return Failures.DONE;
    }

    /// {@return what the memory gives the threads that computed; nothing for a device's own memory, which they do not see, and
    /// where it cannot be measured: what was measured before is shown all the same}
    private OptionalDouble bandwidth(Backend backend) {
        if (backend.deviceMemory().isPresent()) {
            return OptionalDouble.empty();
        }
        io.messages().progress("memory bandwidth");
        try {
            return OptionalDouble.of(readBandwidth.applyAsDouble(backend.threads()));
        } catch (CommandException e) {
            io.messages().notice(String.valueOf(e.getMessage()));
            return OptionalDouble.empty();
        } finally {
            io.messages().progress("");
        }
    }

    private BenchReport report() {
        String name = format.orElse(json.json ? "json" : "md");
        if (json.json && !name.equals("json")) {
            throw new UsageException("--json and --output %s exclude each other".formatted(name));
        }
        return switch (name) {
            case "md" -> BenchReport.MARKDOWN;
            case "json" -> BenchReport.JSON;
            case "csv" -> BenchReport.CSV;
            default ->
                    throw new UsageException(
                            "--output: wanted md, json or csv, got '%s'".formatted(name));
        };
    }
}
