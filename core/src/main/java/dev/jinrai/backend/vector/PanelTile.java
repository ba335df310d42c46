package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.lower;
import static dev.jinrai.backend.vector.IntegerTile.upper;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.SHORTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.shorts;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// The inner loops of products with a panel's codes ([PanelKernel]). Lanes are rows.
final class PanelTile {
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final short LOW_CODE = 0xF;
    private static final short LOW_BYTE = 0xFF;

    /// Sixteen-bit lanes of a register.
    private static final int HALF = GROUP / 2;

    private PanelTile() {}

    /// Codes of four bits with one token of eight, for [Panel#GROUP] rows: `runs` runs of `count` lines of two codes a byte. A
    /// run's lower codes are its first `count` values, the upper ones the next; each half gets a sum, modulo 2¹⁶.
    ///
    /// @param stride the length of a line, [PanelScratch#stride]
    /// @param x the token; its first value is `x[from]`
    /// @param sums receives sum `s` of the rows at `to + s · 64`, those of the even bytes of a line first
    static void multiplyNibbles(
            MemorySegment src,
            long at,
            int runs,
            int count,
            long stride,
            short[] x,
            int from,
            short[] sums,
            int to,
            long head,
            int heads,
            byte[] header,
            int headTo,
            short[] starts,
            int start,
            short[] uppers,
            int upper,
            int starting) {
        long from2 = head;
        int to2 = headTo;
        for (int run = 0; run < runs; run++) {
            for (long end = from2 + heads * stride; from2 < end; from2 += stride) {
                Lanes.store(ints(src, from2), header, to2);
                to2 += ROWS;
            }
            ShortVector a0 = IntegerTile.splat(starts[start + run * starting]);
            ShortVector b0 = a0;
            ShortVector a1 = IntegerTile.splat(uppers[upper + run * starting]);
            ShortVector b1 = a1;
            long begin = at + (long) run * count * stride;
            int k = from + 2 * run * count;
            for (long line = begin; line < begin + count * stride; line += stride) {
                ShortVector v = shorts(src, line);
                ShortVector y = IntegerTile.splat(x[k]);
                a0 = a0.add(v.and(LOW_CODE).mul(y));
                b0 = b0.add(v.lanewise(LSHR, 8).and(LOW_CODE).mul(y));
                y = IntegerTile.splat(x[k + count]);
                a1 = a1.add(v.lanewise(LSHR, 4).and(LOW_CODE).mul(y));
                b1 = b1.add(v.lanewise(LSHR, 12).mul(y));
                k++;
            }
            int sum = to + 2 * run * ROWS;
            a0.intoArray(sums, sum);
            b0.intoArray(sums, sum + HALF);
            a1.intoArray(sums, sum + ROWS);
            b1.intoArray(sums, sum + ROWS + HALF);
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

    /// Codes of which four bits lie in one place and the upper ones in another, with one token of eight bits, for [Panel#GROUP]
    /// rows: `runs` runs of `count` lines of two codes a byte, whose upper bits are in as many lines elsewhere.
    ///
    /// @param low the first line of lower bits
    /// @param high the first line of upper bits
    /// @param mask the place of the upper bits in a code, in each byte of a lane
    /// @param turn how far left a line of upper bits is rotated, so that those of the lower codes get to their place
    /// @param turnUpper the same for the upper codes
    /// @param apart the values from a run's lower codes to its upper ones
    /// @param sums receives the sums of run `s`, modulo 2¹⁶, at `to + s · 64` and `toUpper + s · 64`
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
            short[] x,
            int from,
            int apart,
            short[] sums,
            int to,
            int toUpper,
            short[] starts,
            int start,
            int startUpper) {
        IntVector left = IntVector.broadcast(INTS, turn);
        IntVector leftUpper = IntVector.broadcast(INTS, turnUpper);
        IntVector upper = IntVector.broadcast(INTS, mask);
        for (int run = 0; run < runs; run++) {
            ShortVector a0 = IntegerTile.splat(starts[start + run]);
            ShortVector b0 = a0;
            ShortVector a1 = IntegerTile.splat(starts[startUpper + run]);
            ShortVector b1 = a1;
            long first = (long) run * count * stride;
            int k = from + run * count;
            for (long line = first; line < first + count * stride; line += stride) {
                IntVector v = ints(src, low + line);
                IntVector h = ints(src, high + line);
                ShortVector code =
                        v.and(LOW_FOUR).or(h.lanewise(ROL, left).and(upper)).reinterpretAsShorts();
                ShortVector y = IntegerTile.splat(x[k]);
                a0 = a0.add(code.and(LOW_BYTE).mul(y));
                b0 = b0.add(code.lanewise(LSHR, 8).mul(y));
                code =
                        v.lanewise(LSHR, 4)
                                .and(LOW_FOUR)
                                .or(h.lanewise(ROL, leftUpper).and(upper))
                                .reinterpretAsShorts();
                y = IntegerTile.splat(x[k + apart]);
                a1 = a1.add(code.and(LOW_BYTE).mul(y));
                b1 = b1.add(code.lanewise(LSHR, 8).mul(y));
                k++;
            }
            int sum = to + run * ROWS;
            a0.intoArray(sums, sum);
            b0.intoArray(sums, sum + HALF);
            sum = toUpper + run * ROWS;
            a1.intoArray(sums, sum);
            b1.intoArray(sums, sum + HALF);
        }
    }

    /// Signed bytes with one token, for [Panel#GROUP] rows: `runs` runs of 32 lines get a sum each. With each run two lines of
    /// scales are copied.
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
            int to,
            long head,
            byte[] header,
            int headTo) {
        for (int run = 0; run < runs; run++) {
            Lanes.store(ints(src, head + 2L * run * stride), header, headTo + 2 * run * ROWS);
            Lanes.store(
                    ints(src, head + (2L * run + 1) * stride),
                    header,
                    headTo + (2 * run + 1) * ROWS);
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

    /// `dst[to + i] = Σ_s scales[s, i] · (x_s · sums[s, i] + zero · all_s)` over `subs` sub-blocks of the token from
    /// sub-block `first` on, for [Panel#GROUP] rows; `[s, i]` is place `scale + s · 64 + i` and `sum + s · 64 + i`.
    ///
    /// Meanwhile it touches two lines for each sub-block: those that will be multiplied next, so that the memory does not rest.
    ///
    /// @param touch the first of these lines
    /// @return something that depends on them
    static int scale(
            byte[] scales,
            int scale,
            short[] sums,
            int sum,
            int subs,
            QuantizedTokens token,
            int first,
            float zero,
            float[] dst,
            int to,
            MemorySegment src,
            long touch,
            long stride) {
        float[] xs = token.scales;
        float[] all = token.sums;
        FloatVector a = FloatVector.zero(FLOATS);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int touched = 0;
        int s = first;
        int i = sum;
        int k = scale;
        for (long line = touch; line < touch + 2 * subs * stride; line += 2 * stride) {
            touched += src.get(JAVA_BYTE, line) + src.get(JAVA_BYTE, line + stride);
            FloatVector y = splat(xs[s]);
            FloatVector o = splat(zero * all[s]);
            IntVector even = ShortVector.fromArray(SHORTS, sums, i).reinterpretAsInts();
            IntVector odd = ShortVector.fromArray(SHORTS, sums, i + HALF).reinterpretAsInts();
            IntVector v = ints(scales, k);
            a = floats(signedByte(v, 0)).fma(lower(even).fma(y, o), a);
            b = floats(signedByte(v, 1)).fma(lower(odd).fma(y, o), b);
            c = floats(signedByte(v, 2)).fma(upper(even).fma(y, o), c);
            d = floats(signedByte(v, 3)).fma(upper(odd).fma(y, o), d);
            s++;
            i += ROWS;
            k += ROWS;
        }
        store(a, b, c, d, dst, to);
        return touched;
    }

    /// `acc[at + i] += Σ_s scales[scale + s · 64 + i] · x_s · sums[s, i]` over `subs` sub-blocks of the token from
    /// sub-block `first` on, for [Panel#GROUP] rows; each has two sums, at `sum + s · 128` and 64 beyond.
    static void scaleHalves(
            short[] sums,
            int sum,
            int subs,
            QuantizedTokens token,
            int first,
            float[] scales,
            int scale,
            float[] acc,
            int at) {
        float[] xs = token.scales;
        FloatVector a = load(acc, at);
        FloatVector b = load(acc, at + COUNT);
        FloatVector c = load(acc, at + 2 * COUNT);
        FloatVector d = load(acc, at + 3 * COUNT);
        for (int s = 0; s < subs; s++) {
            int i = sum + 2 * s * ROWS;
            FloatVector y = splat(xs[first + s]);
            IntVector even = halves(sums, i);
            IntVector odd = halves(sums, i + HALF);
            int k = scale + s * ROWS;
            a = lower(even).mul(y).fma(load(scales, k), a);
            b = lower(odd).mul(y).fma(load(scales, k + COUNT), b);
            c = upper(even).mul(y).fma(load(scales, k + 2 * COUNT), c);
            d = upper(odd).mul(y).fma(load(scales, k + 3 * COUNT), d);
        }
        store(a, b, c, d, acc, at);
    }

    private static IntVector halves(short[] sums, int at) {
        return ShortVector.fromArray(SHORTS, sums, at)
                .add(ShortVector.fromArray(SHORTS, sums, at + ROWS))
                .reinterpretAsInts();
    }

    /// `dst[to + i] = Σ_s minima[s, i] · xs[from + s]` over eight sub-blocks, for [Panel#GROUP] rows; `[s, i]` is place
    /// `minimum + s · 64 + i`.
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
