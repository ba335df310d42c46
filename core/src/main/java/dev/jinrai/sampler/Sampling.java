package dev.jinrai.sampler;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How the next token is chosen. Made by [#builder], or from other settings by [#toBuilder].
///
/// Probabilities are 0 to 1. A stage that is off, or not in `stages`, does nothing.
///
/// @param temperature 0 takes the most probable token; up to 2
/// @param topK candidates that stay; 0 keeps all, 1 takes the most probable
/// @param topP probability mass that stays; 1 keeps all
/// @param minP least probability relative to the best that stays; 0 keeps all
/// @param repeatPenalty what logits of recent tokens are divided by, 0.01 to 10; 1 is off
/// @param repeatLastN how many recent tokens the penalties look at; 0 is off, −1 all
/// @param presencePenalty taken from a recent token's logit, once; −2 to 2
/// @param frequencyPenalty taken from a recent token's logit for each time it occurred; −2 to 2
/// @param seed of the random generator
/// @param stages of the chain, in their order
/// @param topNSigma how many standard deviations below the best logit stay, up to 100; 0 and below, from −1, is off
/// @param typicalP probability mass of the most typical tokens that stays; 1 is off
/// @param xtcProbability that XTC excludes top choices; 0 is off
/// @param xtcThreshold the probability from which a token is a top choice, 0 to 1; more than 0.5 is off
/// @param dynatempRange how far a dynamic temperature is from `temperature` at most, 0 to 5; 0 is off
/// @param dynatempExponent of the relative entropy, 0 to 10
/// @param dryMultiplier what DRY takes from the logit of a token that repeats a sequence, 0 to 100; 0 is off
/// @param dryBase the factor for each token that the sequence is longer, 1 to 100
/// @param dryAllowedLength the length in tokens of a repeated sequence that costs `dryMultiplier`; less costs nothing; 1 or more
/// @param dryLastN in how many recent tokens DRY looks for it; 0 is off, −1 all
/// @param dryBreakers texts that no sequence reaches across; they need a vocabulary, none may be empty
/// @param mirostat 0 for the stages; 1 or 2 for that version of Mirostat, which replaces all of them but the temperature
/// @param mirostatTau the surprise that Mirostat aims at, in bits a token, 0 to 100
/// @param mirostatEta its learning rate, 0 to 1
/// @param minKeep candidates that typical, top-p, min-p and XTC leave at least; 0 or more
/// @param logitBias by token id, what is added to its logit before all else: −1,000,000 to 1,000,000, or `-∞` to exclude it
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        float repeatPenalty,
        int repeatLastN,
        float presencePenalty,
        float frequencyPenalty,
        long seed,
        List<Stage> stages,
        float topNSigma,
        float typicalP,
        float xtcProbability,
        float xtcThreshold,
        float dynatempRange,
        float dynatempExponent,
        float dryMultiplier,
        float dryBase,
        int dryAllowedLength,
        int dryLastN,
        List<String> dryBreakers,
        int mirostat,
        float mirostatTau,
        float mirostatEta,
        int minKeep,
        Map<Integer, Float> logitBias) {

    private static final float MOST_BIAS = 1e6f;

    /// The defaults, with a seed.
    public static Sampling defaults(long seed) {
        return builder().seed(seed).build();
    }

    /// llama.cpp's defaults (version 0.7.0, `common_params_sampling` and `llama-completion --help`), with a seed: top-p 0.95 and
    /// temperature 0.8, the others are ours. The same seed gives other tokens than llama.cpp, whose random generator is another.
    public static Sampling llamaCpp(long seed) {
        return builder().llamaCppDefaults().seed(seed).build();
    }

    /// Always the most probable token.
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 1, 64, 0, 0, 0);
    }

    /// {@return a builder with the defaults}
    public static SamplingBuilder builder() {
        return new SamplingBuilder();
    }

    /// {@return a builder with these settings}
    public SamplingBuilder toBuilder() {
        return new SamplingBuilder(this);
    }

    /// The same with the other settings at their defaults.
    public Sampling(
            float temperature,
            int topK,
            float topP,
            float minP,
            float repeatPenalty,
            int repeatLastN,
            float presencePenalty,
            float frequencyPenalty,
            long seed) {
        this(
                builder()
                        .temperature(temperature)
                        .topK(topK)
                        .topP(topP)
                        .minP(minP)
                        .repeatPenalty(repeatPenalty)
                        .repeatLastN(repeatLastN)
                        .presencePenalty(presencePenalty)
                        .frequencyPenalty(frequencyPenalty)
                        .seed(seed));
    }

    Sampling(SamplingBuilder b) {
        this(
                b.temperature,
                b.topK,
                b.topP,
                b.minP,
                b.repeatPenalty,
                b.repeatLastN,
                b.presencePenalty,
                b.frequencyPenalty,
                b.seed,
                b.stages,
                b.topNSigma,
                b.typicalP,
                b.xtcProbability,
                b.xtcThreshold,
                b.dynatempRange,
                b.dynatempExponent,
                b.dryMultiplier,
                b.dryBase,
                b.dryAllowedLength,
                b.dryLastN,
                b.dryBreakers,
                b.mirostat,
                b.mirostatTau,
                b.mirostatEta,
                b.minKeep,
                b.logitBias);
    }

    /// @throws IllegalArgumentException if a value is out of range; the message begins with the name of the program's option and
    /// names the range
    public Sampling {
        require("temperature", temperature, 0, 2);
        require("top-k", topK, 0, Integer.MAX_VALUE);
        require("top-p", topP, 0, 1);
        require("min-p", minP, 0, 1);
        require("repeat-penalty", repeatPenalty, 0.01, 10);
        require("repeat-last-n", repeatLastN, -1, Integer.MAX_VALUE);
        require("presence-penalty", presencePenalty, -2, 2);
        require("frequency-penalty", frequencyPenalty, -2, 2);
        require("top-n-sigma", topNSigma, -1, 100);
        require("typical-p", typicalP, 0, 1);
        require("xtc-probability", xtcProbability, 0, 1);
        require("xtc-threshold", xtcThreshold, 0, 1);
        require("dynatemp-range", dynatempRange, 0, 5);
        require("dynatemp-exp", dynatempExponent, 0, 10);
        require("dry-multiplier", dryMultiplier, 0, 100);
        require("dry-base", dryBase, 1, 100);
        require("dry-allowed-length", dryAllowedLength, 1, Integer.MAX_VALUE);
        require("dry-penalty-last-n", dryLastN, -1, Integer.MAX_VALUE);
        require("mirostat", mirostat, 0, 2);
        require("mirostat-ent", mirostatTau, 0, 100);
        require("mirostat-lr", mirostatEta, 0, 1);
        require("min-keep", minKeep, 0, Integer.MAX_VALUE);
        stages = List.copyOf(stages);
        dryBreakers = List.copyOf(dryBreakers);
        if (dryBreakers.contains("")) {
            throw new IllegalArgumentException(
                    "dry-sequence-breaker: the empty text would break everything");
        }
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach(Sampling::requireBias);
    }

    private static void requireBias(int id, float bias) {
        require("logit-bias: token id", id, 0, Integer.MAX_VALUE);
        if (bias != Float.NEGATIVE_INFINITY) {
            require("logit-bias of token " + id, bias, -MOST_BIAS, MOST_BIAS);
        }
    }

    private static void require(String name, double value, double least, double largest) {
        if (!(value >= least && value <= largest)) {
            throw new IllegalArgumentException(
                    largest == Integer.MAX_VALUE
                            ? "%s: wanted %s or more, got %s"
                                    .formatted(name, number(least), number(value))
                            : "%s: wanted %s to %s, got %s"
                                    .formatted(
                                            name, number(least), number(largest), number(value)));
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%s", (float) value);
    }
}
