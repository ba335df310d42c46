package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Weight;
import jdk.incubator.vector.FloatVector;

/// The loops of the CPU backend on vectors: short ones are here, others each in a file of its own.
final class VectorKernels implements Kernels {
    private final PanelProduct panels;
    private final RowProduct rows;
    private final GroupedAttention attention;

    /// For each thread, room for the lanes of a register.
    private final float[][] lanes;

    VectorKernels(Workers workers, GroupedAttention attention) {
        this.attention = attention;
        panels = new PanelProduct(workers);
        rows = new RowProduct(workers);
        lanes = new float[workers.count()][COUNT];
    }

    @Override
    public void multiply(
            float[] out, int[] to, Weight weight, int slice, float[] x, int[] from, int tokens) {
        switch (weight) {
            case PanelMatrix w -> panels.multiply(out, to, w, slice, x, from, tokens);
            case RowMatrix w -> rows.multiply(out, to, w, slice, x, from, tokens);
            default ->
                    throw new IllegalArgumentException(
                            "%s: wanted a weight that the backend 'cpu' made, got a %s"
                                    .formatted(weight.name(), weight.getClass().getSimpleName()));
        }
    }

    @Override
    public void attention(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        attention.run(out, q, batch, layer, heads);
    }

    @Override
    public void rmsNorm(
            float[] out, float[] x, int at, int n, float[] w, float epsilon, int worker) {
        float squares = Dot.dot(x, at, x, at, n, lanes[worker]);
        float scale = Kernels.normScale(squares, x, at, n, epsilon);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            load(x, at + i).mul(scale).mul(load(w, i)).intoArray(out, at + i);
        }
        for (; i < n; i++) {
            out[at + i] = x[at + i] * scale * w[i];
        }
    }

    @Override
    public void add(float[] x, float[] y, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            load(x, i).add(load(y, i)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] += y[i];
        }
    }

    @Override
    public void multiply(float[] x, float[] y, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            load(x, i).mul(load(y, i)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] *= y[i];
        }
    }

    @Override
    public void silu(float[] x, int from, int to) {
        int i = from;
        for (; i <= to - COUNT; i += COUNT) {
            FloatVector v = load(x, i);
            v.div(Exp.exp(v.neg()).add(1)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] /= Exp.exp(-x[i]) + 1;
        }
    }
}
