package dev.jinrai.arch;

import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Tensor;
import java.util.Optional;

/// The frequencies of [Rope] from a file's metadata, with every way a model's context was stretched.
///
/// Unscaled, pair `i` of `d / 2` turns by `base^(−2i/d)` per position. Then:
/// - *linear* (Chen et al. 2023, arXiv:2306.15595) divides every frequency by the factor;
/// - *factors* (Llama 3) divides each by a number of its own, from a tensor;
/// - *yarn* (Peng et al. 2023, arXiv:2309.00071) divides only the slow ones, blends between, and
///   sharpens attention by stretching queries and keys by `1 + 0.1 · ln(factor)`.
final class RopeScaling {
    private RopeScaling() {}

    /// @param headLength the most dimensions there are to turn
    /// @param factors what each pair's frequency is divided by, one f32 a pair
    static Rope rope(Parameters p, Rope.Pairing pairing, int headLength, Optional<Tensor> factors) {
        int dimensions = p.count("rope.dimension_count", headLength);
        if (dimensions % 2 != 0 || dimensions > headLength) {
            throw p.wrong("rope.dimension_count", "an even number up to " + headLength, dimensions);
        }
        double base = p.positive("rope.freq_base", 10000);
        if (base <= 1) { // the logarithm is a divisor, and slow pairs would be the fast ones
            throw p.wrong("rope.freq_base", "a number above 1", base);
        }
        double[] frequencies = new double[dimensions / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(base, -2.0 * i / dimensions);
        }
        if (factors.isPresent()) {
            divide(p, frequencies, factors.get());
        }

        // 0 is llama.cpp's word for no scaling.
        float factor = p.number("rope.scaling.factor", 0, 0, Float.MAX_VALUE);
        if (factor == 0) { // the key of files before 2023-11
            factor = p.number("rope.scale_linear", 0, 0, Float.MAX_VALUE);
        }
        double scale = factor == 0 ? 1 : 1.0 / factor;
        double magnitude = p.positive("rope.scaling.attn_factor", 1);
        // A file that states a factor and no type means linear, as llama.cpp does.
        return switch (p.text("rope.scaling.type", "linear")) {
            case "none" -> new Rope(pairing, frequencies, (float) magnitude);
            case "linear" -> {
                for (int i = 0; i < frequencies.length; i++) {
                    frequencies[i] *= scale;
                }
                yield new Rope(pairing, frequencies, (float) magnitude);
            }
            case "yarn" -> {
                float extrapolation = p.number("rope.scaling.yarn_ext_factor", 1, 0, 1);
                yarn(p, frequencies, dimensions, base, scale, extrapolation);
                // Without extrapolation llama.cpp leaves attention as sharp as it was.
                double sharper = extrapolation == 0 ? 1 : 1 + 0.1 * Math.log(1 / scale);
                float sharpened = (float) (magnitude * sharper);
                if (!(sharpened > 0) || !Float.isFinite(sharpened)) {
                    throw p.wrong(
                            "rope.scaling.factor",
                            "one that yields a finite magnitude above 0",
                            factor);
                }
                yield new Rope(pairing, frequencies, sharpened);
            }
            case String other ->
                    throw p.wrong("rope.scaling.type", "none, linear or yarn", "'" + other + "'");
        };
    }

    private static void divide(Parameters p, double[] frequencies, Tensor factors) {
        if (factors.slices() != 1
                || factors.rows() != 1
                || factors.columns() != frequencies.length) {
            throw p.wrong(
                    "rope.dimension_count",
                    "twice the length of " + factors.name() + ", " + factors.columns(),
                    frequencies.length * 2);
        }
        float[] divisors = new float[factors.columns()];
        factors.format().decode(factors.data(), 0, divisors, 0, divisors.length);
        for (int i = 0; i < frequencies.length; i++) {
            if (!(divisors[i] > 0) || !Float.isFinite(divisors[i])) {
                throw p.wrong(
                        "%s: entry %d: wanted a finite number above 0, got %s"
                                .formatted(factors.name(), i, divisors[i]));
            }
            frequencies[i] /= divisors[i];
        }
    }

    /// Blends from unscaled (pairs that turn more than `beta_fast` times within the original context)
    /// to fully scaled (fewer than `beta_slow` times).
    private static void yarn(
            Parameters p,
            double[] frequencies,
            int dimensions,
            double base,
            double scale,
            float extrapolation) {
        int context = p.count("rope.scaling.original_context_length", p.count("context_length"));
        float fast = p.positive("rope.scaling.yarn_beta_fast", 32);
        float slow = p.positive("rope.scaling.yarn_beta_slow", 1);
        double low = Math.max(0, Math.floor(pairTurning(fast, dimensions, context, base)));
        double high =
                Math.min(dimensions - 1.0, Math.ceil(pairTurning(slow, dimensions, context, base)));
        for (int i = 0; i < frequencies.length; i++) {
            double ramp = Math.clamp((i - low) / Math.max(0.001, high - low), 0, 1);
            double unscaled = (1 - ramp) * extrapolation;
            frequencies[i] *= scale * (1 - unscaled) + unscaled;
        }
    }

    /// {@return the pair, as a fraction, that turns `turns` times within the original context}
    private static double pairTurning(double turns, int dimensions, int context, double base) {
        return dimensions * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }
}
