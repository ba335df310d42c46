package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedBytes;
import static dev.jinrai.backend.vector.Lanes.signedShorts;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// The inner loops of products with a panel's codes ([PanelKernel]). Lanes are rows.
///
final class PanelTile {
    /// Rows of one call: four registers.
    static final int STEP = 4 * COUNT;

    private PanelTile() {}

    /// A chunk's codes with one token, for [#STEP] rows, a sum for each sixteen: `subs` times
    /// `sums[to + s · 64 + i] = −zero · xs[first + s] + Σ_k codes[at + (16 s + k) · 64 + i] · x[from + 16 s + k]`.
    static void multiply(
            byte[] codes,
            int at,
            float zero,
            float[] xs,
            int first,
            float[] x,
            int from,
            int subs,
            float[] sums,
            int to) {
        for (int s = 0; s < subs; s++) {
            FloatVector a = splat(-zero * xs[first + s]);
            FloatVector b = a;
            FloatVector c = a;
            FloatVector d = a;
            int begin = at + 16 * s * ROWS;
            int value = from + 16 * s;
            for (int k = 0; k < 16; k++) {
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

    /// Signed bytes of a panel with one token, for [#STEP] rows: `runs` runs of 32 bytes, `stride` bytes of the panel
    /// apart, get a sum each. All in one method, for the reason of [CodeTile#multiplyNibbles].
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
                long row = bytes + k * ROWS;
                a = floats(signedBytes(src, row)).fma(v, a);
                b = floats(signedBytes(src, row + COUNT)).fma(v, b);
                c = floats(signedBytes(src, row + 2 * COUNT)).fma(v, c);
                d = floats(signedBytes(src, row + 3 * COUNT)).fma(v, d);
            }
            int sum = to + run * ROWS;
            a.intoArray(sums, sum);
            b.intoArray(sums, sum + COUNT);
            c.intoArray(sums, sum + 2 * COUNT);
            d.intoArray(sums, sum + 3 * COUNT);
        }
    }

    /// `acc[at + i] += factors[at + i] · Σ_s scales[s, i] · xs[from + s] · sums[s, i]` over `subs` sub-blocks,
    /// for two registers of rows; `[s, i]` is place `s · 64 + at + i`.
    static void scale(
            byte[] scales,
            short[] sums,
            float[] xs,
            int from,
            int subs,
            float[] factors,
            float[] acc,
            int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        for (int s = 0; s < subs; s++) {
            int i = at + s * ROWS;
            FloatVector x = splat(xs[from + s]);
            a = floats(signedBytes(scales, i)).mul(x).fma(floats(signedShorts(sums, i)), a);
            i += COUNT;
            b = floats(signedBytes(scales, i)).mul(x).fma(floats(signedShorts(sums, i)), b);
        }
        addScaled(acc, at, factors, at, a);
        addScaled(acc, at + COUNT, factors, at + COUNT, b);
    }

    /// `acc[at + i] += factors[at + i] · Σ_s scales[s, i] · sums[s, i]`, the same of an f32 token.
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

    /// `acc[at + i] += Σ_s (factors[at + i] · zero · scales[s, i] − factors[64 + at + i] · mins[s, i]) · xs[from + s]` over eight
    /// sub-blocks, for two registers of rows; `packed` holds eight scales, then eight minima.
    static void offset(
            byte[] packed, float zero, float[] xs, int from, float[] factors, float[] acc, int at) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < 8; s++) {
            int i = at + s * ROWS;
            FloatVector x = splat(zero * xs[from + s]);
            a = floats(signedBytes(packed, i)).fma(x, a);
            b = floats(signedBytes(packed, i + COUNT)).fma(x, b);
            x = splat(-xs[from + s]);
            i += 8 * ROWS;
            c = floats(signedBytes(packed, i)).fma(x, c);
            d = floats(signedBytes(packed, i + COUNT)).fma(x, d);
        }
        addScaled(acc, at, factors, at, a);
        addScaled(acc, at + COUNT, factors, at + COUNT, b);
        addScaled(acc, at, factors, ROWS + at, c);
        addScaled(acc, at + COUNT, factors, ROWS + at + COUNT, d);
    }

    /// `acc[at + i] += Σ_s scales[s · 64 + i] · xs[from + s] · sums[(4 s + token) · 64 + i]` over `subs` sub-blocks,
    /// for all rows of one of four tokens.
    static void scale(
            float[] scales,
            short[] sums,
            int token,
            float[] xs,
            int from,
            int subs,
            float[] acc,
            int at) {
        for (int r = 0; r < ROWS; r += 2 * COUNT) {
            FloatVector a = load(acc, at + r);
            FloatVector b = load(acc, at + r + COUNT);
            for (int s = 0; s < subs; s++) {
                FloatVector x = splat(xs[from + s]);
                int i = s * ROWS + r;
                int j = (4 * s + token) * ROWS + r;
                a = floats(signedShorts(sums, j)).mul(x).fma(load(scales, i), a);
                b = floats(signedShorts(sums, j + COUNT)).mul(x).fma(load(scales, i + COUNT), b);
            }
            a.intoArray(acc, at + r);
            b.intoArray(acc, at + r + COUNT);
        }
    }

    /// The offsets of `subs` sub-blocks, laid for [TileKernel] as [PanelScratch#weights].
    static void layOffsets(float[] offsets, int subs, float[] weights) {
        for (int s = 0; s < subs; s++) {
            for (int r = 0; r < ROWS; r += COUNT) {
                load(offsets, s * ROWS + r)
                        .intoArray(weights, (r / WIDTH * CHUNK + s) * WIDTH + r % WIDTH);
            }
        }
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
