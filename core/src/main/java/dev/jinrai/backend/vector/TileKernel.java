package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;

import jdk.incubator.vector.FloatVector;

/// The inner loop of a product with many tokens: two registers of vectors side by side with six alone.
///
/// Twelve sums keep both multipliers of a core busy over their latency, and with two registers and
/// one broadcast value they are all that sixteen registers hold. No sum crosses lanes.
final class TileKernel {
    /// Vectors side by side in a tile.
    static final int WIDTH = 2 * COUNT;

    /// Vectors alone.
    static final int HEIGHT = 6;

    private TileKernel() {}

    /// `sums[to + j · step + r] += Σ_i a[at + i · WIDTH + r] · b[bj + i]`, `i` below `count`, `r` below [#WIDTH].
    static void multiply(
            float[] a,
            int at,
            float[] b,
            int b0,
            int b1,
            int b2,
            int b3,
            int b4,
            int b5,
            int count,
            float[] sums,
            int to,
            int step) {
        FloatVector s0 = load(sums, to);
        FloatVector t0 = load(sums, to + COUNT);
        FloatVector s1 = load(sums, to + step);
        FloatVector t1 = load(sums, to + step + COUNT);
        FloatVector s2 = load(sums, to + 2 * step);
        FloatVector t2 = load(sums, to + 2 * step + COUNT);
        FloatVector s3 = load(sums, to + 3 * step);
        FloatVector t3 = load(sums, to + 3 * step + COUNT);
        FloatVector s4 = load(sums, to + 4 * step);
        FloatVector t4 = load(sums, to + 4 * step + COUNT);
        FloatVector s5 = load(sums, to + 5 * step);
        FloatVector t5 = load(sums, to + 5 * step + COUNT);
        for (int i = 0; i < count; i++) {
            FloatVector s = load(a, at + i * WIDTH);
            FloatVector t = load(a, at + i * WIDTH + COUNT);
            FloatVector v = splat(b[b0 + i]);
            s0 = s.fma(v, s0);
            t0 = t.fma(v, t0);
            v = splat(b[b1 + i]);
            s1 = s.fma(v, s1);
            t1 = t.fma(v, t1);
            v = splat(b[b2 + i]);
            s2 = s.fma(v, s2);
            t2 = t.fma(v, t2);
            v = splat(b[b3 + i]);
            s3 = s.fma(v, s3);
            t3 = t.fma(v, t3);
            v = splat(b[b4 + i]);
            s4 = s.fma(v, s4);
            t4 = t.fma(v, t4);
            v = splat(b[b5 + i]);
            s5 = s.fma(v, s5);
            t5 = t.fma(v, t5);
        }
        s0.intoArray(sums, to);
        t0.intoArray(sums, to + COUNT);
        s1.intoArray(sums, to + step);
        t1.intoArray(sums, to + step + COUNT);
        s2.intoArray(sums, to + 2 * step);
        t2.intoArray(sums, to + 2 * step + COUNT);
        s3.intoArray(sums, to + 3 * step);
        t3.intoArray(sums, to + 3 * step + COUNT);
        s4.intoArray(sums, to + 4 * step);
        t4.intoArray(sums, to + 4 * step + COUNT);
        s5.intoArray(sums, to + 5 * step);
        t5.intoArray(sums, to + 5 * step + COUNT);
    }
}
