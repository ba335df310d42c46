package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.IntegerTile.lower;
import static dev.jinrai.backend.vector.IntegerTile.upper;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.SHORTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.ROWS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// What is made of the sums that [CodeProduct] leaves in sixteen-bit lanes ([PanelScratch#shortSums]), for [Panel#GROUP] rows.
final class SubBlockSums {

    private SubBlockSums() {}

    /// A block's sub-blocks, each times its small integer: `sums[to + i] = Σ_s scales[s, i] · (x_s · sum[s, i] + zero · all_s)` with
    /// the token's scale `x_s` and sum `all_s`; `[s, i]` is `scales[scale + s · 64 + i]`.
    ///
    /// Meanwhile it touches two lines for each sub-block: those that will be multiplied next, so that the memory does not rest.
    ///
    /// @param first the block's first sub-block, counted from the first at hand
    /// @param zero the code that sums are counted from, or 0 if it stands for the weight zero
    static void scale(
            MemorySegment src,
            byte[] scales,
            int scale,
            int first,
            int subs,
            float zero,
            int to,
            int r,
            PanelScratch scratch) {
        float[] xs = scratch.quantized().scales;
        float[] all = scratch.quantized().sums;
        short[] sums = scratch.shortSums;
        long stride = scratch.stride;
        int token = scratch.subBlock() + first;
        int i = first * ROWS + r;
        int k = scale;
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int touched = 0;
        long line = scratch.next(src, 2 * first);
        for (long end = line + 2L * subs * stride; line < end; line += 2 * stride) {
            touched +=
                    src.get(ValueLayout.JAVA_BYTE, line)
                            + src.get(ValueLayout.JAVA_BYTE, line + stride);
            FloatVector y = splat(xs[token]);
            FloatVector o = splat(zero * all[token]);
            IntVector even = ShortVector.fromArray(SHORTS, sums, i).reinterpretAsInts();
            IntVector odd = ShortVector.fromArray(SHORTS, sums, i + HALF).reinterpretAsInts();
            IntVector v = ints(scales, k);
            a = floats(signedByte(v, 0)).fma(lower(even).fma(y, o), a);
            b = floats(signedByte(v, 1)).fma(lower(odd).fma(y, o), b);
            c = floats(signedByte(v, 2)).fma(upper(even).fma(y, o), c);
            d = floats(signedByte(v, 3)).fma(upper(odd).fma(y, o), d);
            token++;
            i += ROWS;
            k += ROWS;
        }
        scratch.touched += touched;
        store(a, b, c, d, scratch.sums, to + r);
    }

    /// `results[r + i] += Σ_s scales[s, i] · x_s · sum[s, i]` over sub-blocks of which each has two sums, with the token's scale
    /// `x_s`.
    static void scaleHalves(int subs, int r, PanelScratch scratch) {
        float[] xs = scratch.quantized().scales;
        float[] scales = scratch.scales;
        short[] sums = scratch.shortSums;
        float[] acc = scratch.results;
        int token = scratch.subBlock();
        FloatVector a = load(acc, r);
        FloatVector b = load(acc, r + COUNT);
        FloatVector c = load(acc, r + 2 * COUNT);
        FloatVector d = load(acc, r + 3 * COUNT);
        for (int s = 0; s < subs; s++) {
            int i = 2 * s * ROWS + r;
            FloatVector y = splat(xs[token + s]);
            IntVector even = halves(sums, i);
            IntVector odd = halves(sums, i + HALF);
            int k = s * ROWS + r;
            a = lower(even).mul(y).fma(load(scales, k), a);
            b = lower(odd).mul(y).fma(load(scales, k + COUNT), b);
            c = upper(even).mul(y).fma(load(scales, k + 2 * COUNT), c);
            d = upper(odd).mul(y).fma(load(scales, k + 3 * COUNT), d);
        }
        store(a, b, c, d, acc, r);
    }

    /// `results[r + i] += Σ_s scale[s, i] · (x_s · sum[s, i] + zero · all_s) + minimum[s, i] · all_s` over sub-blocks of which each has two
    /// sums, with the token's scale `x_s` and sum `all_s`; scales and minima are the factors ([MinimumPanel#factors]).
    static void scaleHalvesAndMinima(int subs, int r, PanelScratch scratch) {
        float[] xs = scratch.quantized().scales;
        float[] all = scratch.quantized().sums;
        float[] factors = scratch.factors;
        short[] sums = scratch.shortSums;
        float[] acc = scratch.results;
        float zero = scratch.kernel().zero();
        int token = scratch.subBlock();
        FloatVector a = load(acc, r);
        FloatVector b = load(acc, r + COUNT);
        FloatVector c = load(acc, r + 2 * COUNT);
        FloatVector d = load(acc, r + 3 * COUNT);
        for (int s = 0; s < subs; s++) {
            int i = 2 * s * ROWS + r;
            FloatVector y = splat(xs[token + s]);
            FloatVector x = splat(all[token + s]);
            FloatVector o = splat(zero * all[token + s]);
            IntVector even = halves(sums, i);
            IntVector odd = halves(sums, i + HALF);
            int m = i + ROWS;
            a = lower(even).fma(y, o).fma(load(factors, i), a);
            b = lower(odd).fma(y, o).fma(load(factors, i + COUNT), b);
            c = upper(even).fma(y, o).fma(load(factors, i + 2 * COUNT), c);
            d = upper(odd).fma(y, o).fma(load(factors, i + 3 * COUNT), d);
            a = load(factors, m).fma(x, a);
            b = load(factors, m + COUNT).fma(x, b);
            c = load(factors, m + 2 * COUNT).fma(x, c);
            d = load(factors, m + 3 * COUNT).fma(x, d);
        }
        store(a, b, c, d, acc, r);
    }

    private static IntVector halves(short[] sums, int at) {
        return ShortVector.fromArray(SHORTS, sums, at)
                .add(ShortVector.fromArray(SHORTS, sums, at + ROWS))
                .reinterpretAsInts();
    }

    /// The minima of a block's sub-blocks: `sums[to + i] = Σ_s minima[s, i] · all_s` with the token's sums `all_s`; `[s, i]`
    /// is `minima[minimum + s · 64 + i]`.
    ///
    /// @param first the block's first sub-block, counted from the first at hand
    static void minima(
            byte[] minima, int minimum, int first, int subs, int to, int r, PanelScratch scratch) {
        float[] all = scratch.quantized().sums;
        int token = scratch.subBlock() + first;
        int step = scratch.step;
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < subs; s += step) {
            IntVector v = ints(minima, minimum + s * ROWS);
            FloatVector x = splat(all[token + s]);
            a = floats(signedByte(v, 0)).fma(x, a);
            b = floats(signedByte(v, 1)).fma(x, b);
            c = floats(signedByte(v, 2)).fma(x, c);
            d = floats(signedByte(v, 3)).fma(x, d);
        }
        store(a, b, c, d, scratch.sums, to + r);
    }

    /// The pass that adds the sums of sub-blocks, times the scale of each, to the results.
    static void addScaled(MemorySegment src, int subs, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int i = r; i < subs * ROWS; i += ROWS) {
                sum = load(scratch.sums, i).fma(load(scratch.scales, i), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }

    /// The pass that adds the blocks' sums, times the factor of each, to the results.
    static void addBlocks(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int i = r; i < blocks * ROWS; i += ROWS) {
                sum = load(scratch.sums, i).fma(load(scratch.factors, i), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }

    private static void store(
            FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] dst, int at) {
        a.intoArray(dst, at);
        b.intoArray(dst, at + COUNT);
        c.intoArray(dst, at + 2 * COUNT);
        d.intoArray(dst, at + 3 * COUNT);
    }
}
