package dev.jinrai.backend;

/// Rotary position embedding (Su et al. 2021, arXiv:2104.09864): how far each pair of a head's
/// values turns per position.
///
/// Pair `i` at position `p` turns by the angle `p · frequency(i)` and is stretched by `magnitude`:
/// ```
/// y₀ = magnitude · (x₀ · cos(angle) − x₁ · sin(angle))
/// y₁ = magnitude · (x₀ · sin(angle) + x₁ · cos(angle))
/// ```
/// Every known way of scaling the context (linear, Llama 3, YaRN, LongRoPE) is a choice of
/// frequencies and magnitude, made once when a model is configured; backends know nothing of it.
public final class Rope {
    /// Which values of a head turn together. It belongs to the architecture and its file layout,
    /// never to a backend.
    public enum Pairing {
        /// `(2i, 2i + 1)`: GGUF files of the `llama` architecture, whose Q and K rows are permuted
        /// for it.
        INTERLEAVED,
        /// `(i, i + dimensions / 2)`: the layout of most others, and of Hugging Face's directories.
        HALVES
    }

    private final Pairing pairing;
    private final double[] frequencies;
    private final float magnitude;

    /// @param frequencies the angle per position of each pair, in radians
    public Rope(Pairing pairing, double[] frequencies, float magnitude) {
        this.pairing = pairing;
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
    }

    public Pairing pairing() {
        return pairing;
    }

    /// {@return how many pairs turn; the head's values beyond `2 · pairs()` stay as they are}
    public int pairs() {
        return frequencies.length;
    }

    /// {@return the angle per position of pair `i`, in radians}
    public double frequency(int i) {
        return frequencies[i];
    }

    public float magnitude() {
        return magnitude;
    }

    @Override
    public String toString() {
        return "Rope[%s, %d pairs from %s to %s, magnitude %s]"
                .formatted(
                        pairing,
                        pairs(),
                        frequencies[0],
                        frequencies[frequencies.length - 1],
                        magnitude);
    }
}
