package dev.jinrai.model;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import java.util.List;

/// Everything about a model that is not a weight. Pure data: printable, comparable, testable.
///
/// @param architecture its GGUF name
/// @param contextLength the positions it was trained for
public record ModelConfig(
        String architecture,
        int vocabularySize,
        int contextLength,
        int embeddingLength,
        Norm outputNorm,
        List<Layer> layers) {

    public ModelConfig {
        layers = List.copyOf(layers);
    }

    /// One transformer block: `x += attention(norm(x)); x += feedForward(norm(x))`.
    public record Layer(Norm norm, Attention attention, FeedForward feedForward) {}

    /// How a token's values are brought to a common size.
    public sealed interface Norm {
        /// Root mean square, without a mean and without a bias.
        record Rms(float epsilon) implements Norm {}
    }

    /// Self-attention.
    public record Attention(Heads heads, Positions positions) {}

    /// How attention learns where a token stands.
    public sealed interface Positions {
        /// Queries and keys turn with their position.
        record Rotary(Rope rope) implements Positions {}
    }

    /// The part of a block that looks at one token at a time.
    public sealed interface FeedForward {
        /// `down(f(gate(x)) ⊙ up(x))`, `length` values wide inside.
        record Gated(int length, Activation activation) implements FeedForward {}

        /// `used` of `count` gated networks per token, chosen by a softmax router and weighted by
        /// its probabilities; `normalized` makes the weights of the chosen sum to one.
        record Experts(int count, int used, int length, Activation activation, boolean normalized)
                implements FeedForward {}
    }

    /// {@return the shape of a cache for `capacity` positions of this model}
    ///
    /// @throws IllegalArgumentException if `type` does not hold heads of this model's lengths
    public KvLayout kvLayout(int capacity, KvType type) {
        return new KvLayout(
                layers.stream()
                        .map(layer -> layer.attention().heads())
                        .map(h -> new KvLayout.Layer(h.kvHeads(), h.keyLength(), h.valueLength()))
                        .toList(),
                capacity,
                type);
    }
}
