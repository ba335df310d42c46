package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedBytes;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The inner loops of products with a panel's codes ([PanelKernel]). Lanes are rows.
///
/// A code less than the format means is made good by where a sum begins ("first"): the code that stands for
/// zero, times the sum of the inputs.
final class PanelTile {
    /// Rows of one call: four registers.
    static final int STEP = 4 * COUNT;

    private PanelTile() {}

    /// `sums[to + i] = first + Σ_k codes[at + k · 64 + i] · x[from + k]` for `count` weights of [#STEP] rows.
    static void multiply(
            byte[] codes,
            int at,
            float first,
            float[] x,
            int from,
            int count,
            float[] sums,
            int to) {
        FloatVector a = splat(first);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k < count; k++) {
            FloatVector v = splat(x[from + k]);
            int row = at + k * ROWS;
            a = floats(signedBytes(codes, row)).fma(v, a);
            b = floats(signedBytes(codes, row + COUNT)).fma(v, b);
            c = floats(signedBytes(codes, row + 2 * COUNT)).fma(v, c);
            d = floats(signedBytes(codes, row + 3 * COUNT)).fma(v, d);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + COUNT);
        c.intoArray(sums, to + 2 * COUNT);
        d.intoArray(sums, to + 3 * COUNT);
    }

    /// The same of bytes where they lie in a panel.
    static void multiply(
            MemorySegment src,
            long at,
            float first,
            float[] x,
            int from,
            int count,
            float[] sums,
            int to) {
        FloatVector a = splat(first);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int k = 0; k < count; k++) {
            FloatVector v = splat(x[from + k]);
            long row = at + k * ROWS;
            a = floats(signedBytes(src, row)).fma(v, a);
            b = floats(signedBytes(src, row + COUNT)).fma(v, b);
            c = floats(signedBytes(src, row + 2 * COUNT)).fma(v, c);
            d = floats(signedBytes(src, row + 3 * COUNT)).fma(v, d);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + COUNT);
        c.intoArray(sums, to + 2 * COUNT);
        d.intoArray(sums, to + 3 * COUNT);
    }

    /// The same of `count` bytes of two codes each: the lower ones with `x[from] …`, to `sums[to + i]`; the upper ones
    /// with `x[upper] …`, to `sums[toUpper + i]`. For [#STEP] / 2 rows.
    static void multiplyNibbles(
            MemorySegment src,
            long at,
            float first,
            float[] x,
            int from,
            int upper,
            int count,
            float[] sums,
            int to,
            int toUpper) {
        FloatVector a = splat(first);
        FloatVector b = a;
        FloatVector c = FloatVector.zero(FLOATS);
        FloatVector d = c;
        for (int k = 0; k < count; k++) {
            IntVector v = bytes(src, at + k * ROWS);
            IntVector w = bytes(src, at + k * ROWS + COUNT);
            FloatVector y = splat(x[from + k]);
            FloatVector z = splat(x[upper + k]);
            a = floats(v.and(0xF)).fma(y, a);
            b = floats(w.and(0xF)).fma(y, b);
            c = floats(v.lanewise(LSHR, 4)).fma(z, c);
            d = floats(w.lanewise(LSHR, 4)).fma(z, d);
        }
        a.intoArray(sums, to);
        b.intoArray(sums, to + COUNT);
        c.intoArray(sums, toUpper);
        d.intoArray(sums, toUpper + COUNT);
    }

    /// `acc[at + i] += factors[at + i] · Σ_s scales[at + s · 64 + i] · sums[at + s · 64 + i]` over `subs`
    /// sub-blocks, for [#STEP] rows.
    static void scale(byte[] scales, float[] sums, int subs, float[] factors, float[] acc, int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < subs; s++) {
            int i = at + s * ROWS;
            a = floats(signedBytes(scales, i)).fma(load(sums, i), a);
            i += COUNT;
            b = floats(signedBytes(scales, i)).fma(load(sums, i), b);
            i += COUNT;
            c = floats(signedBytes(scales, i)).fma(load(sums, i), c);
            i += COUNT;
            d = floats(signedBytes(scales, i)).fma(load(sums, i), d);
        }
        addScaled(acc, at, factors, at, a);
        addScaled(acc, at + COUNT, factors, at + COUNT, b);
        addScaled(acc, at + 2 * COUNT, factors, at + 2 * COUNT, c);
        addScaled(acc, at + 3 * COUNT, factors, at + 3 * COUNT, d);
    }

    /// `acc[at + i] -= factors[64 + at + i] · Σ_s mins[min + at + s · 64 + i] · xs[from + s]` over `subs` sub-blocks,
    /// for [#STEP] rows.
    static void subtract(
            byte[] mins,
            int min,
            float[] xs,
            int from,
            int subs,
            float[] factors,
            float[] acc,
            int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < subs; s++) {
            int i = min + at + s * ROWS;
            FloatVector x = splat(-xs[from + s]);
            a = floats(signedBytes(mins, i)).fma(x, a);
            b = floats(signedBytes(mins, i + COUNT)).fma(x, b);
            c = floats(signedBytes(mins, i + 2 * COUNT)).fma(x, c);
            d = floats(signedBytes(mins, i + 3 * COUNT)).fma(x, d);
        }
        addScaled(acc, at, factors, ROWS + at, a);
        addScaled(acc, at + COUNT, factors, ROWS + at + COUNT, b);
        addScaled(acc, at + 2 * COUNT, factors, ROWS + at + 2 * COUNT, c);
        addScaled(acc, at + 3 * COUNT, factors, ROWS + at + 3 * COUNT, d);
    }

    private static void addScaled(float[] acc, int at, float[] factors, int from, FloatVector v) {
        load(factors, from).fma(v, load(acc, at)).intoArray(acc, at);
    }

    /// The weights of a sub-block of `count` from weight `k` on, `scale · code + offset`, laid for [TileKernel].
    static void decode(
            byte[] codes,
            int k,
            int count,
            float[] scales,
            float[] offsets,
            int scale,
            float[] weights) {
        for (int r = 0; r < ROWS; r += WIDTH) {
            FloatVector sa = load(scales, scale + r);
            FloatVector sb = load(scales, scale + r + COUNT);
            FloatVector oa = load(offsets, scale + r);
            FloatVector ob = load(offsets, scale + r + COUNT);
            int from = k * ROWS + r;
            int to = (r / WIDTH * CHUNK + k) * WIDTH;
            for (int i = 0; i < count; i++) {
                floats(signedBytes(codes, from + i * ROWS))
                        .fma(sa, oa)
                        .intoArray(weights, to + i * WIDTH);
                floats(signedBytes(codes, from + i * ROWS + COUNT))
                        .fma(sb, ob)
                        .intoArray(weights, to + i * WIDTH + COUNT);
            }
        }
    }
}
