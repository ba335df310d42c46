package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Weight;

/// The loops that SIMD speeds up, in two forms that are equal bit for bit: [VectorKernels], and [PlainKernels] until the
/// JIT has compiled those ([HeadStart]).
///
/// `worker` is the number of the thread, from 0, for scratch memory of its own.
sealed interface Kernels permits PlainKernels, VectorKernels {
    /// `out[to[t] · R + r] = Σ_c w[r,c] · x[from[t] · C + c]` for `tokens` tokens.
    void multiply(
            float[] out, int[] to, Weight weight, int slice, float[] x, int[] from, int tokens);

    /// [dev.jinrai.backend.Backend#attention]
    void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads);

    /// `out[at + i] = x[at + i] / √(mean(x²) + epsilon) · w[i]` over `n` values.
    void rmsNorm(float[] out, float[] x, int at, int n, float[] w, float epsilon, int worker);

    /// `x[i] += y[i]`, `i` from `from` to `to - 1`.
    void add(float[] x, float[] y, int from, int to);

    /// `x[i] *= y[i]`, `i` from `from` to `to - 1`.
    void multiply(float[] x, float[] y, int from, int to);

    /// `x[i] = x[i] / (1 + exp(−x[i]))`, `i` from `from` to `to - 1`.
    void silu(float[] x, int from, int to);

    /// {@return what each of `n` values from `x[at]` is multiplied by in a norm}
    ///
    /// @param squares the sum of their squares. From 1.8e19 on a square is beyond f32, and would make zeros of a row whose
    /// values are all finite: then it is summed again in `double`, as the specification does always.
    static float normScale(float squares, float[] x, int at, int n, float epsilon) {
        double sum = squares;
        if (squares == Float.POSITIVE_INFINITY) {
            sum = 0;
            for (int i = at; i < at + n; i++) {
                sum += (double) x[i] * x[i];
            }
        }
        return (float) (1 / Math.sqrt(sum / n + epsilon));
    }
}
