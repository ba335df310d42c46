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
        float sum = Registers.sum(lanes);
        for (; i < n; i++) {
            sum = Math.fma(a[from + i], b[at + i], sum);
        }
        return sum;
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
