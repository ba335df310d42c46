package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.nibble;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The inner loops of products with a panel's codes ([PanelKernel]). Lanes are rows.
final class PanelTile {
    private static final int LOW_FOUR = 0x0F0F0F0F;

    private PanelTile() {}

    /// Codes of four bits with one token, for [Panel#GROUP] rows: `runs` runs of `count` lines of two codes a byte. A run's
    /// lower codes are its first `count` values, the upper ones the next; each half gets a sum.
    ///
    /// @param stride the length of a line, [PanelScratch#stride]
    /// @param x the token; its first value is `x[from]`
    /// @param sums receives sum `s` of row `i` at `to + s · 64 + i`
    static void multiplyNibbles(
            MemorySegment src,
            long at,
            int runs,
            int count,
            long stride,
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
            long begin = at + (long) run * count * stride;
            int k = from + 2 * run * count;
            for (long line = begin; line < begin + count * stride; line += stride) {
                IntVector v = ints(src, line);
                FloatVector y = splat(x[k]);
                a0 = floats(nibble(v, 0)).fma(y, a0);
                b0 = floats(nibble(v, 2)).fma(y, b0);
                c0 = floats(nibble(v, 4)).fma(y, c0);
                d0 = floats(nibble(v, 6)).fma(y, d0);
                y = splat(x[k + count]);
                a1 = floats(nibble(v, 1)).fma(y, a1);
                b1 = floats(nibble(v, 3)).fma(y, b1);
                c1 = floats(nibble(v, 5)).fma(y, c1);
                d1 = floats(nibble(v, 7)).fma(y, d1);
                k++;
            }
            int sum = to + 2 * run * ROWS;
            store(a0, b0, c0, d0, sums, sum);
            store(a1, b1, c1, d1, sums, sum + ROWS);
        }
    }

    /// Copies `n` lines of [Panel#GROUP] rows.
    static void copy(MemorySegment src, long at, int n, long stride, byte[] dst, int to) {
        int i = to;
        for (long line = at; line < at + n * stride; line += stride) {
            Lanes.store(ints(src, line), dst, i);
            i += ROWS;
        }
    }

    /// Codes of which four bits lie in one place and the upper ones in another, with one token, for [Panel#GROUP] rows:
    /// `runs` runs of `count` lines of two codes a byte, whose upper bits are in as many lines elsewhere.
    ///
    /// It makes do with few methods of our own: C2 inlines those of the Vector API always, ours only until a
    /// compilation has 18,000 nodes, and this loop is at that edge. Beyond it, vectors are put on the heap.
    ///
    /// @param low the first line of lower bits
    /// @param high the first line of upper bits
    /// @param mask the place of the upper bits in a code, in each byte of a lane
    /// @param turn how far left a line of upper bits is rotated, so that those of the lower codes get to their place
    /// @param turnUpper the same for the upper codes
    /// @param zero the code that stands for zero
    /// @param xs the sums of the values of each sub-block of the token; the first is `xs[sub]`
    /// @param apart the values from a run's lower codes to its upper ones
    /// @param sums receives the sums of run `s` of row `i` at `to + s · 64 + i` and `toUpper + s · 64 + i`
    static void multiplyJoined(
            MemorySegment src,
            long low,
            long high,
            int runs,
            int count,
            long stride,
            int mask,
            int turn,
            int turnUpper,
            int zero,
            float[] xs,
            int sub,
            int subUpper,
            float[] x,
            int from,
            int apart,
            float[] sums,
            int to,
            int toUpper) {
        IntVector left = IntVector.broadcast(INTS, turn);
        IntVector leftUpper = IntVector.broadcast(INTS, turnUpper);
        IntVector upper = IntVector.broadcast(INTS, mask);
        IntVector lower = IntVector.broadcast(INTS, LOW_FOUR);
        IntVector bytes = IntVector.broadcast(INTS, 0xFF);
        for (int run = 0; run < runs; run++) {
            FloatVector a0 = splat(-zero * xs[sub + run]);
            FloatVector b0 = a0;
            FloatVector c0 = a0;
            FloatVector d0 = a0;
            FloatVector a1 = splat(-zero * xs[subUpper + run]);
            FloatVector b1 = a1;
            FloatVector c1 = a1;
            FloatVector d1 = a1;
            long first = (long) run * count * stride;
            int k = from + run * count;
            for (long line = first; line < first + count * stride; line += stride) {
                IntVector v = ints(src, low + line);
                IntVector h = ints(src, high + line);
                IntVector code = v.and(lower).or(h.lanewise(ROL, left).and(upper));
                FloatVector y = splat(x[k]);
                a0 = floats(code.and(bytes)).fma(y, a0);
                b0 = floats(code.lanewise(LSHR, 8).and(bytes)).fma(y, b0);
                c0 = floats(code.lanewise(LSHR, 16).and(bytes)).fma(y, c0);
                d0 = floats(code.lanewise(LSHR, 24)).fma(y, d0);
                code = v.lanewise(LSHR, 4).and(lower).or(h.lanewise(ROL, leftUpper).and(upper));
                y = splat(x[k + apart]);
                v = code.and(bytes);
                a1 = ((FloatVector) v.convert(I2F, 0)).fma(y, a1);
                v = code.lanewise(LSHR, 8).and(bytes);
                b1 = ((FloatVector) v.convert(I2F, 0)).fma(y, b1);
                v = code.lanewise(LSHR, 16).and(bytes);
                c1 = ((FloatVector) v.convert(I2F, 0)).fma(y, c1);
                v = code.lanewise(LSHR, 24);
                d1 = ((FloatVector) v.convert(I2F, 0)).fma(y, d1);
                k++;
            }
            int sum = to + run * ROWS;
            a0.intoArray(sums, sum);
            b0.intoArray(sums, sum + COUNT);
            c0.intoArray(sums, sum + 2 * COUNT);
            d0.intoArray(sums, sum + 3 * COUNT);
            sum = toUpper + run * ROWS;
            a1.intoArray(sums, sum);
            b1.intoArray(sums, sum + COUNT);
            c1.intoArray(sums, sum + 2 * COUNT);
            d1.intoArray(sums, sum + 3 * COUNT);
        }
    }

    /// Signed bytes with one token, for [Panel#GROUP] rows: `runs` runs of 32 lines get a sum each.
    ///
    /// @param stride the length of a line, [PanelScratch#stride]
    static void multiplyBytes(
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
            long begin = at + 32L * run * stride;
            int k = from + 32 * run;
            for (long line = begin; line < begin + 32 * stride; line += stride) {
                IntVector v = ints(src, line);
                FloatVector y = splat(x[k++]);
                a = floats(signedByte(v, 0)).fma(y, a);
                b = floats(signedByte(v, 1)).fma(y, b);
                c = floats(signedByte(v, 2)).fma(y, c);
                d = floats(signedByte(v, 3)).fma(y, d);
            }
            store(a, b, c, d, sums, to + run * ROWS);
        }
    }

    private static void store(
            FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] dst, int at) {
        a.intoArray(dst, at);
        b.intoArray(dst, at + COUNT);
        c.intoArray(dst, at + 2 * COUNT);
        d.intoArray(dst, at + 3 * COUNT);
    }

    /// `dst[to + i] = Σ_s scales[s, i] · sums[s, i]` over `subs` sub-blocks, for [Panel#GROUP] rows; `[s, i]` is place
    /// `scale + s · 64 + i` and `sum + s · 64 + i`.
    ///
    /// @param step 1, and deliberately no constant: a loop of a few rounds loses more to unrolling than it gains
    static void scale(
            byte[] scales,
            int scale,
            float[] sums,
            int sum,
            int subs,
            int step,
            float[] dst,
            int to) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < subs; s += step) {
            int i = sum + s * ROWS;
            IntVector v = ints(scales, scale + s * ROWS);
            a = floats(signedByte(v, 0)).fma(load(sums, i), a);
            b = floats(signedByte(v, 1)).fma(load(sums, i + COUNT), b);
            c = floats(signedByte(v, 2)).fma(load(sums, i + 2 * COUNT), c);
            d = floats(signedByte(v, 3)).fma(load(sums, i + 3 * COUNT), d);
        }
        store(a, b, c, d, dst, to);
    }

    /// `dst[to + i] = Σ_s minima[s, i] · xs[from + s]` over eight sub-blocks, for [Panel#GROUP] rows; `[s, i]` is place
    /// `minimum + s · 64 + i`.
    ///
    /// @param step as for [#scale]
    static void minima(
            byte[] minima, int minimum, float[] xs, int from, int step, float[] dst, int to) {
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        for (int s = 0; s < 8; s += step) {
            IntVector v = ints(minima, minimum + s * ROWS);
            FloatVector x = splat(xs[from + s]);
            a = floats(signedByte(v, 0)).fma(x, a);
            b = floats(signedByte(v, 1)).fma(x, b);
            c = floats(signedByte(v, 2)).fma(x, c);
            d = floats(signedByte(v, 3)).fma(x, d);
        }
        store(a, b, c, d, dst, to);
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
        for (int r = 0; r < ROWS; r += GROUP) {
            FloatVector sa = load(scales, scale + r);
            FloatVector sb = load(scales, scale + r + COUNT);
            FloatVector sc = load(scales, scale + r + 2 * COUNT);
            FloatVector sd = load(scales, scale + r + 3 * COUNT);
            FloatVector oa = load(offsets, scale + r);
            FloatVector ob = load(offsets, scale + r + COUNT);
            FloatVector oc = load(offsets, scale + r + 2 * COUNT);
            FloatVector od = load(offsets, scale + r + 3 * COUNT);
            int from = k * ROWS + r;
            int first = (r / WIDTH * CHUNK + k) * WIDTH;
            int second = first + CHUNK * WIDTH;
            for (int i = 0; i < count; i++) {
                IntVector v = ints(codes, from + i * ROWS);
                floats(signedByte(v, 0)).fma(sa, oa).intoArray(weights, first + i * WIDTH);
                floats(signedByte(v, 1)).fma(sb, ob).intoArray(weights, first + i * WIDTH + COUNT);
                floats(signedByte(v, 2)).fma(sc, oc).intoArray(weights, second + i * WIDTH);
                floats(signedByte(v, 3)).fma(sd, od).intoArray(weights, second + i * WIDTH + COUNT);
            }
        }
    }
}
