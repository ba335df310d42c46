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
final class PanelTile {
    /// Rows of one call: four registers.
    static final int STEP = 4 * COUNT;

    private PanelTile() {}

    /// A chunk's codes with one token, for [#STEP] rows, a sum for each sub-block of `sub`: `subs` times
    /// `sums[to + s · 64 + i] = −zero · xs[first + s] + Σ_k codes[at + (s · sub + k) · 64 + i] · x[from + s · sub + k]`.
    static void multiply(
            byte[] codes,
            int at,
            float zero,
            float[] xs,
            int first,
            float[] x,
            int from,
            int subs,
            int sub,
            float[] sums,
            int to) {
        for (int s = 0; s < subs; s++) {
            FloatVector a = splat(-zero * xs[first + s]);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int begin = at + s * sub * ROWS;
            int value = from + s * sub;
            for (int k = 0; k < sub; k++) {
                FloatVector v = splat(x[value + k]);
                int row = begin + k * ROWS;
                a = floats(signedBytes(codes, row)).fma(v, a);
                b = floats(signedBytes(codes, row + COUNT)).fma(v, b);
                c = floats(signedBytes(codes, row + 2 * COUNT)).fma(v, c);
                d = floats(signedBytes(codes, row + 3 * COUNT)).fma(v, d);
            }
            int sum = to + s * ROWS;
            a.intoArray(sums, sum);
            b.intoArray(sums, sum + COUNT);
            c.intoArray(sums, sum + 2 * COUNT);
            d.intoArray(sums, sum + 3 * COUNT);
        }
    }

    /// Bytes of a panel with two codes each, with one token, for [#STEP] rows: `runs` runs of `count` bytes, `stride` bytes
    /// of the panel apart. A run's lower codes are its first `count` values, the upper ones the next; each half gets a
    /// sum.
    ///
    /// All in one method, for the memory's sake: a call for each run streamed at a third of the speed of this.
    static void multiplyNibbles(
            MemorySegment src,
            long at,
            int runs,
            long stride,
            int count,
            float[] x,
            int from,
            float[] sums,
            int to) {
        for (int run = 0; run < runs; run++) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector b0 = a0;
            FloatVector c0 = a0;
            FloatVector d0 = a0;
            FloatVector a1 = a0;
            FloatVector b1 = a0;
            FloatVector c1 = a0;
            FloatVector d1 = a0;
            long bytes = at + run * stride;
            int low = from + 2 * run * count;
            int high = low + count;
            for (int k = 0; k < count; k++) {
                FloatVector y = splat(x[low + k]);
                FloatVector z = splat(x[high + k]);
                long row = bytes + (long) k * ROWS;
                IntVector v = bytes(src, row);
                a0 = floats(v.and(0xF)).fma(y, a0);
                a1 = floats(v.lanewise(LSHR, 4)).fma(z, a1);
                v = bytes(src, row + COUNT);
                b0 = floats(v.and(0xF)).fma(y, b0);
                b1 = floats(v.lanewise(LSHR, 4)).fma(z, b1);
                v = bytes(src, row + 2L * COUNT);
                c0 = floats(v.and(0xF)).fma(y, c0);
                c1 = floats(v.lanewise(LSHR, 4)).fma(z, c1);
                v = bytes(src, row + 3L * COUNT);
                d0 = floats(v.and(0xF)).fma(y, d0);
                d1 = floats(v.lanewise(LSHR, 4)).fma(z, d1);
            }
            int sum = to + 2 * run * ROWS;
            a0.intoArray(sums, sum);
            b0.intoArray(sums, sum + COUNT);
            c0.intoArray(sums, sum + 2 * COUNT);
            d0.intoArray(sums, sum + 3 * COUNT);
            a1.intoArray(sums, sum + ROWS);
            b1.intoArray(sums, sum + ROWS + COUNT);
            c1.intoArray(sums, sum + ROWS + 2 * COUNT);
            d1.intoArray(sums, sum + ROWS + 3 * COUNT);
        }
    }

    /// Signed bytes of a panel with one token, for [#STEP] rows: `runs` runs of 32 bytes, `stride` bytes of the panel
    /// apart, get a sum each. All in one method, for the reason of [#multiplyNibbles].
    static void multiply(
            MemorySegment src,
            long at,
            int runs,
            long stride,
            float[] x,
            int from,
            float[] sums,
            int to) {
        for (int run = 0; run < runs; run++) {
            FloatVector a = FloatVector.zero(FLOATS);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            long bytes = at + run * stride;
            int first = from + 32 * run;
            for (int k = 0; k < 32; k++) {
                FloatVector v = splat(x[first + k]);
                long row = bytes + (long) k * ROWS;
                a = floats(signedBytes(src, row)).fma(v, a);
                b = floats(signedBytes(src, row + COUNT)).fma(v, b);
                c = floats(signedBytes(src, row + 2L * COUNT)).fma(v, c);
                d = floats(signedBytes(src, row + 3L * COUNT)).fma(v, d);
            }
            int sum = to + run * ROWS;
            a.intoArray(sums, sum);
            b.intoArray(sums, sum + COUNT);
            c.intoArray(sums, sum + 2 * COUNT);
            d.intoArray(sums, sum + 3 * COUNT);
        }
    }

    /// `acc[at + i] += factors[at + i] · Σ_s scales[s, i] · sums[s, i]` over `subs` sub-blocks, for two registers of
    /// rows; `[s, i]` is place `s · 64 + at + i`.
    static void scale(byte[] scales, float[] sums, int subs, float[] factors, float[] acc, int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int s = 0; s < subs; s++) {
            int i = at + s * ROWS;
            a = floats(signedBytes(scales, i)).fma(load(sums, i), a);
            i += COUNT;
            b = floats(signedBytes(scales, i)).fma(load(sums, i), b);
        }
        addScaled(acc, at, factors, at, a);
        addScaled(acc, at + COUNT, factors, at + COUNT, b);
    }

    /// `acc[at + i] -= factors[64 + at + i] · Σ_s packed[8 + s, i] · xs[from + s]` over eight sub-blocks, for two registers
    /// of rows; `packed` holds eight scales, then eight minima.
    static void subtract(
            byte[] packed, float[] xs, int from, float[] factors, float[] acc, int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int s = 0; s < 8; s++) {
            int i = (8 + s) * ROWS + at;
            FloatVector x = splat(-xs[from + s]);
            a = floats(signedBytes(packed, i)).fma(x, a);
            b = floats(signedBytes(packed, i + COUNT)).fma(x, b);
        }
        addScaled(acc, at, factors, ROWS + at, a);
        addScaled(acc, at + COUNT, factors, ROWS + at + COUNT, b);
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
