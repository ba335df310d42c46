package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.load;

import jdk.incubator.vector.FloatVector;

/// Dot products of f32 arrays, and the scaled addition that is their transpose.
///
/// A caller gives an array `lanes` of one register's floats, in which the lanes are summed.
final class Dot {
    private Dot() {}

    /// {@return `Σ_i a[i] · b[at + i]` over `n` values from `a[from]`}
    static float dot(float[] a, int from, float[] b, int at, int n, float[] lanes) {
        // Four sums: one FMA has a latency of four on every CPU we target.
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int i = 0;
        for (; i <= n - 4 * COUNT; i += 4 * COUNT) {
            s0 = load(a, from + i).fma(load(b, at + i), s0);
            s1 = load(a, from + i + COUNT).fma(load(b, at + i + COUNT), s1);
            s2 = load(a, from + i + 2 * COUNT).fma(load(b, at + i + 2 * COUNT), s2);
            s3 = load(a, from + i + 3 * COUNT).fma(load(b, at + i + 3 * COUNT), s3);
        }
        for (; i <= n - COUNT; i += COUNT) {
            s0 = load(a, from + i).fma(load(b, at + i), s0);
        }
        s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
        float sum = Lanes.sum(lanes);
        for (; i < n; i++) {
            sum = Math.fma(a[from + i], b[at + i], sum);
        }
        return sum;
    }

    /// The dot products of one row with four tokens, each value of the row loaded once:
    /// `out[to + k · stride] = Σ_i a[i] · b[at + k · n + i]`, `k` from 0 to 3.
    static void dot4(
            float[] a, float[] b, int at, int n, float[] out, int to, int stride, float[] lanes) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        FloatVector s2 = s0;
        FloatVector s3 = s0;
        int b1 = at + n;
        int b2 = b1 + n;
        int b3 = b2 + n;
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            FloatVector w = load(a, i);
            s0 = w.fma(load(b, at + i), s0);
            s1 = w.fma(load(b, b1 + i), s1);
            s2 = w.fma(load(b, b2 + i), s2);
            s3 = w.fma(load(b, b3 + i), s3);
        }
        out[to] = finish(s0, a, b, at, i, n, lanes);
        out[to + stride] = finish(s1, a, b, b1, i, n, lanes);
        out[to + 2 * stride] = finish(s2, a, b, b2, i, n, lanes);
        out[to + 3 * stride] = finish(s3, a, b, b3, i, n, lanes);
    }

    /// [#dot4] of two rows: `out[to + k · stride]` for `a`, `out[to + k · stride + 1]` for `c`. The same bits
    /// as one row after the other.
    static void dot2x4(
            float[] a,
            float[] c,
            float[] b,
            int at,
            int n,
            float[] out,
            int to,
            int stride,
            float[] lanes) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector c2 = a0;
        FloatVector c3 = a0;
        int b1 = at + n;
        int b2 = b1 + n;
        int b3 = b2 + n;
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            FloatVector v = load(a, i);
            FloatVector w = load(c, i);
            FloatVector x = load(b, at + i);
            a0 = v.fma(x, a0);
            c0 = w.fma(x, c0);
            x = load(b, b1 + i);
            a1 = v.fma(x, a1);
            c1 = w.fma(x, c1);
            x = load(b, b2 + i);
            a2 = v.fma(x, a2);
            c2 = w.fma(x, c2);
            x = load(b, b3 + i);
            a3 = v.fma(x, a3);
            c3 = w.fma(x, c3);
        }
        out[to] = finish(a0, a, b, at, i, n, lanes);
        out[to + stride] = finish(a1, a, b, b1, i, n, lanes);
        out[to + 2 * stride] = finish(a2, a, b, b2, i, n, lanes);
        out[to + 3 * stride] = finish(a3, a, b, b3, i, n, lanes);
        out[to + 1] = finish(c0, c, b, at, i, n, lanes);
        out[to + stride + 1] = finish(c1, c, b, b1, i, n, lanes);
        out[to + 2 * stride + 1] = finish(c2, c, b, b2, i, n, lanes);
        out[to + 3 * stride + 1] = finish(c3, c, b, b3, i, n, lanes);
    }

    /// {@return the sum of the lanes of `sum`, and the products of what is left from `i` on}
    private static float finish(
            FloatVector sum, float[] a, float[] b, int at, int i, int n, float[] lanes) {
        sum.intoArray(lanes, 0);
        float result = Lanes.sum(lanes);
        for (; i < n; i++) {
            result = Math.fma(a[i], b[at + i], result);
        }
        return result;
    }

    /// `sums[s] = Σ x[32s … 32s + 31]` over the first `n` values; what is left over belongs to no block.
    static void sums(float[] x, int n, float[] sums, float[] lanes) {
        for (int s = 0; s < n / 32; s++) {
            FloatVector sum = FloatVector.zero(FLOATS);
            for (int i = 0; i < 32; i += COUNT) {
                sum = sum.add(load(x, 32 * s + i));
            }
            sum.intoArray(lanes, 0);
            sums[s] = Lanes.sum(lanes);
        }
    }

    /// `y[at + i] += scale · x[from + i]` over `n` values.
    static void addScaled(float[] y, int at, float scale, float[] x, int from, int n) {
        FloatVector s = FloatVector.broadcast(FLOATS, scale);
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            load(x, from + i).fma(s, load(y, at + i)).intoArray(y, at + i);
        }
        for (; i < n; i++) {
            y[at + i] = Math.fma(x[from + i], scale, y[at + i]);
        }
    }
}
