package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Registers.COUNT;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Weight;

/// The twins of [VectorKernels] without vectors: what a lane adds up there, a variable or an element of an array adds up
/// here, in the same order and with the same roundings.
///
/// They serve what [HeadStart] says, not everything.
final class PlainKernels implements Kernels {
    private final PlainProduct product;
    private final PlainAttention attention;

    PlainKernels(Workers workers) {
        product = new PlainProduct(workers);
        attention = new PlainAttention(workers);
    }

    @Override
    public void multiply(
            float[] out, int[] to, Weight weight, int slice, float[] x, int[] from, int tokens) {
        product.multiply(out, to, (PanelMatrix) weight, slice, x, from, tokens);
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        attention.run(out, q, batch, layer, heads);
    }

    @Override
    public void rmsNorm(
            float[] out, float[] x, int at, int n, float[] w, float epsilon, int worker) {
        float scale = Kernels.normScale(squares(x, at, n), x, at, n, epsilon);
        for (int i = 0; i < n; i++) {
            out[at + i] = x[at + i] * scale * w[i];
        }
    }

    /// [Dot#dot] of a row with itself, with its four sums of a register's lanes.
    private static float squares(float[] x, int at, int n) {
        float[] lanes = new float[4 * COUNT];
        int four = n / (4 * COUNT) * (4 * COUNT);
        int whole = n / COUNT * COUNT;
        for (int i = 0; i < whole; i++) {
            int lane = i < four ? i % (4 * COUNT) : i % COUNT;
            lanes[lane] = Math.fma(x[at + i], x[at + i], lanes[lane]);
        }
        for (int i = 0; i < COUNT; i++) {
            lanes[i] = lanes[i] + lanes[COUNT + i] + (lanes[2 * COUNT + i] + lanes[3 * COUNT + i]);
        }
        float sum = Registers.sum(lanes);
        for (int i = whole; i < n; i++) {
            sum = Math.fma(x[at + i], x[at + i], sum);
        }
        return sum;
    }

    @Override
    public void add(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] += y[i];
        }
    }

    @Override
    public void multiply(float[] x, float[] y, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] *= y[i];
        }
    }

    @Override
    public void silu(float[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            x[i] /= Exp.exp(-x[i]) + 1;
        }
    }
}
