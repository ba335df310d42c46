package dev.jinrai.format;

/// What an error of a weight counts in the searches for scales: `w` in their sums.
///
/// With an importance matrix it is the column's importance times `√(σ² + x²)`, where `σ²` is the mean
/// square of a stretch of weights, or twice that: large weights count more, small ones not nothing.
///
/// Source: the `quantize_row_*_impl` in ggml. The order of each operation is part of the result's bits.
final class Importance {
    private Importance() {}

    /// {@return `Σ x²` of `count` weights}
    static float sumOfSquares(float[] x, int at, int count) {
        float sum = 0;
        for (int i = 0; i < count; i++) {
            sum += x[at + i] * x[at + i];
        }
        return sum;
    }

    /// `w[i] = x²`.
    static void squares(float[] x, int at, int count, float[] w) {
        for (int i = 0; i < count; i++) {
            w[i] = x[at + i] * x[at + i];
        }
    }

    /// `w[i] = |x|`.
    static void sizes(float[] x, int at, int count, float[] w) {
        for (int i = 0; i < count; i++) {
            w[i] = Math.abs(x[at + i]);
        }
    }

    /// `w[to + i] = importance · √(mean + x²)`.
    static void weigh(
            float[] importance,
            int from,
            float mean,
            float[] x,
            int at,
            int count,
            float[] w,
            int to) {
        for (int i = 0; i < count; i++) {
            float v = x[at + i];
            w[to + i] = importance[from + i] * (float) Math.sqrt(mean + v * v);
        }
    }

    /// [#weigh] for blocks of 256, each with `factor` times its own mean square.
    static void weighBlocks(
            float[] importance, int from, int factor, float[] x, int at, int count, float[] w) {
        for (int i = 0; i < count; i += 256) {
            float mean = factor * sumOfSquares(x, at + i, 256) / 256;
            weigh(importance, from + i, mean, x, at + i, 256, w, i);
        }
    }

    /// [#weigh] for a row with its own mean square.
    static float[] ofRow(float[] importance, int from, float[] x, int at, int count) {
        float[] w = new float[count];
        weigh(importance, from, sumOfSquares(x, at, count) / count, x, at, count, w, 0);
        return w;
    }

    /// {@return what the weights of each run of `length` count together}
    static float[] sums(float[] w, int length) {
        float[] sums = new float[w.length / length];
        for (int r = 0; r < sums.length; r++) {
            float sum = 0;
            for (int i = r * length; i < (r + 1) * length; i++) {
                sum += w[i];
            }
            sums[r] = sum;
        }
        return sums;
    }
}
