package dev.jinrai.cli;

import dev.jinrai.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How an answer is generated.
@Command
final class GenerationArguments {
    @Option(
            names = {"-n", "--max-tokens"},
            paramLabel = "N",
            description = "The most tokens to generate (default: ${DEFAULT-VALUE}).")
    private int maxTokens = 2048;

    @Mixin private SamplingArguments sampling = new SamplingArguments();
    @Mixin private GrammarArguments grammar = new GrammarArguments();

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
            // 32 bits: short enough to be typed again.
            long random = seed.orElseGet(() -> new SplittableRandom().nextLong(1L << 32));
            return new Generation.Options(maxTokens, sampling.settings(random), stop, ignoreEnd);
        } catch (IllegalArgumentException e) { // its message begins with the option's name
            throw new UsageException("--" + e.getMessage());
        }
    }

    /// {@return the grammar of the answers, if one is asked for}
    Optional<GrammarArguments.FromFile> grammar() {
        return grammar.read();
    }

    /// Says what only a model's vocabulary shows to be wrong.
    ///
    /// @throws UsageException if a bias is for a token that the model has not
    static void check(Generation.Options options, int vocabulary) {
        options.sampling().logitBias().keySet().stream()
                .max(Integer::compare)
                .ifPresent(id -> Range.whole("--logit-bias: token id", id, 0, vocabulary - 1));
    }
}
