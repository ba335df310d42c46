package dev.jinrai.cli;

import dev.jinrai.Generation;
import dev.jinrai.sampler.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// How an answer is generated. The ranges are those of [Sampling].
@Command
final class GenerationArguments {
    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "The most tokens to generate (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 2048;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "0 takes the most probable token, more is more varied, up to 2"
                            + " (default: ${DEFAULT-VALUE}).")
    private float temperature = 0.7f;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Keep the K most probable tokens, 0 all (default: ${DEFAULT-VALUE}).")
    private int topK = 40;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description =
                    "Keep the most probable tokens that sum to P, 0 to 1"
                            + " (default: ${DEFAULT-VALUE}).")
    private float topP = 0.9f;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description =
                    "Keep tokens at least P times as probable as the best, 0 to 1"
                            + " (default: ${DEFAULT-VALUE}).")
    private float minP = 0.05f;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "X",
            description =
                    "Divide the logits of recent tokens by X, 0.01 to 10; 1 is off"
                            + " (default: ${DEFAULT-VALUE}).")
    private float repeatPenalty = 1;

    @Option(
            names = "--repeat-last-n",
            paramLabel = "N",
            description =
                    "How many recent tokens the penalties look at, -1 all"
                            + " (default: ${DEFAULT-VALUE}).")
    private int repeatLastN = 64;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            description =
                    "Lower the logit of a recent token by X, -2 to 2 (default: ${DEFAULT-VALUE}).")
    private float presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            description =
                    "Lower it by X for each time it occurred, -2 to 2 (default: ${DEFAULT-VALUE}).")
    private float frequencyPenalty;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "The same seed gives the same tokens (default: random).")
    private Optional<Long> seed = Optional.empty();

    @Option(
            names = "--stop",
            paramLabel = "TEXT",
            description = "End the answer before this text; may be given several times.")
    private List<String> stop = new ArrayList<>();

    @Option(names = "--ignore-eos", description = "Never choose a token that ends the answer.")
    private boolean ignoreEnd;

    /// {@return the options, with the seed asked for or a random one}
    ///
    /// @throws UsageException if a value is out of range
    Generation.Options options() {
        seed.ifPresent(n -> Range.whole("--seed", n, 0, Long.MAX_VALUE));
        try {
            var sampling =
                    new Sampling(
                            temperature,
                            topK,
                            topP,
                            minP,
                            repeatPenalty,
                            repeatLastN,
                            presencePenalty,
                            frequencyPenalty,
                            // 32 bits: short enough to be typed again.
                            seed.orElseGet(() -> new SplittableRandom().nextLong(1L << 32)));
            return new Generation.Options(maxTokens, sampling, stop, ignoreEnd);
        } catch (IllegalArgumentException e) { // its message begins with the option's name
            throw new UsageException("--" + e.getMessage());
        }
    }
}
