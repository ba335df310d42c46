package dev.jinrai.sampler;

import java.util.Locale;

/// How the next token is chosen.
///
/// @param temperature 0 takes the most probable token; up to 2
/// @param topK candidates that stay; 0 keeps all, 1 takes the most probable
/// @param topP probability mass that stays; 1 keeps all
/// @param minP least probability relative to the best that stays; 0 keeps all
/// @param repeatPenalty what logits of recent tokens are divided by; 1 is off
/// @param repeatLastN how many recent tokens the penalties look at; 0 is off, −1 all
/// @param presencePenalty taken from a recent token's logit, once
/// @param frequencyPenalty taken from a recent token's logit for each time it occurred
/// @param seed of the random generator
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        float repeatPenalty,
        int repeatLastN,
        float presencePenalty,
        float frequencyPenalty,
        long seed) {

    /// The defaults, with a seed.
    public static Sampling defaults(long seed) {
        return new Sampling(0.7f, 40, 0.9f, 0.05f, 1, 64, 0, 0, seed);
    }

    /// Always the most probable token.
    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 1, 64, 0, 0, 0);
    }

    /// @throws IllegalArgumentException if a value is out of range; the message names the range
    public Sampling {
        require("temperature", temperature, 0, 2);
        require("top-k", topK, 0, Integer.MAX_VALUE);
        require("top-p", topP, 0, 1);
        require("min-p", minP, 0, 1);
        require("repeat-penalty", repeatPenalty, 0.01, 10);
        require("repeat-last-n", repeatLastN, -1, Integer.MAX_VALUE);
        require("presence-penalty", presencePenalty, -2, 2);
        require("frequency-penalty", frequencyPenalty, -2, 2);
    }

    /// {@return whether the most probable token is always taken}
    public boolean isGreedy() {
        return temperature == 0 || topK == 1;
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
