package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.SHORTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// The inner loops of products of codes with many tokens in sixteen-bit lanes: exact, but for the rounding of tokens
/// ([QuantizedTokens]).
///
/// Codes of [Panel#GROUP] rows are two registers: the even bytes of a line of a [Panel], then the odd ones. With six tokens they
/// make twelve sums, which keep the multipliers busy and leave room in sixteen registers.
final class IntegerTile {
    /// Tokens of a tile.
    static final int HEIGHT = 6;

    /// Sixteen-bit lanes of a register.
    private static final int HALF = GROUP / 2;

    private static final int UPPER_HALF = 0xFFFF0000;

    /// Undoes that 16-bit sums are converted to f32 where they stand, or shifted, in the upper half of a lane.
    static final float UNSHIFT = 0x1p-16f;

    private IntegerTile() {}

    /// Widens codes: line `k` of group `g` of `codes` goes to `wide[(g · depth + k) · GROUP]`.
    static void widen(byte[] codes, int count, short[] wide, int depth) {
        for (int g = 0; g < ROWS / GROUP; g++) {
            for (int k = 0; k < count; k++) {
                ShortVector v = ints(codes, k * ROWS + g * GROUP).reinterpretAsShorts();
                int to = (g * depth + k) * GROUP;
                v.and((short) 0xFF).intoArray(wide, to);
                v.lanewise(LSHR, 8).intoArray(wide, to + HALF);
            }
        }
    }

    /// `sums[to + (b · 6 + j) · GROUP + p] = starts[start + b · 6 + j] + Σ_i w[at + i · GROUP + p] · x[from + i · 6 + j]` over the
    /// values `i` of sub-block `b`, for `subs` sub-blocks of `sub` values, `p` below [Panel#GROUP].
    static void multiply(
            short[] w,
            int at,
            short[] x,
            int from,
            short[] starts,
            int start,
            int subs,
            int sub,
            short[] sums,
            int to) {
        int p = at;
        int q = from;
        for (int b = 0; b < subs; b++) {
            int begin = start + b * HEIGHT;
            ShortVector s0 = ShortVector.broadcast(SHORTS, starts[begin]);
            ShortVector s1 = ShortVector.broadcast(SHORTS, starts[begin + 1]);
            ShortVector s2 = ShortVector.broadcast(SHORTS, starts[begin + 2]);
            ShortVector s3 = ShortVector.broadcast(SHORTS, starts[begin + 3]);
            ShortVector s4 = ShortVector.broadcast(SHORTS, starts[begin + 4]);
            ShortVector s5 = ShortVector.broadcast(SHORTS, starts[begin + 5]);
            ShortVector t0 = s0;
            ShortVector t1 = s1;
            ShortVector t2 = s2;
            ShortVector t3 = s3;
            ShortVector t4 = s4;
            ShortVector t5 = s5;
            for (int i = 0; i < sub; i++) {
                ShortVector s = ShortVector.fromArray(SHORTS, w, p);
                ShortVector t = ShortVector.fromArray(SHORTS, w, p + HALF);
                ShortVector v = ShortVector.broadcast(SHORTS, x[q]);
                s0 = s0.add(s.mul(v));
                t0 = t0.add(t.mul(v));
                v = ShortVector.broadcast(SHORTS, x[q + 1]);
                s1 = s1.add(s.mul(v));
                t1 = t1.add(t.mul(v));
                v = ShortVector.broadcast(SHORTS, x[q + 2]);
                s2 = s2.add(s.mul(v));
                t2 = t2.add(t.mul(v));
                v = ShortVector.broadcast(SHORTS, x[q + 3]);
                s3 = s3.add(s.mul(v));
                t3 = t3.add(t.mul(v));
                v = ShortVector.broadcast(SHORTS, x[q + 4]);
                s4 = s4.add(s.mul(v));
                t4 = t4.add(t.mul(v));
                v = ShortVector.broadcast(SHORTS, x[q + 5]);
                s5 = s5.add(s.mul(v));
                t5 = t5.add(t.mul(v));
                p += GROUP;
                q += HEIGHT;
            }
            int o = to + b * HEIGHT * GROUP;
            s0.intoArray(sums, o);
            t0.intoArray(sums, o + HALF);
            s1.intoArray(sums, o + GROUP);
            t1.intoArray(sums, o + GROUP + HALF);
            s2.intoArray(sums, o + 2 * GROUP);
            t2.intoArray(sums, o + 2 * GROUP + HALF);
            s3.intoArray(sums, o + 3 * GROUP);
            t3.intoArray(sums, o + 3 * GROUP + HALF);
            s4.intoArray(sums, o + 4 * GROUP);
            t4.intoArray(sums, o + 4 * GROUP + HALF);
            s5.intoArray(sums, o + 5 * GROUP);
            t5.intoArray(sums, o + 5 * GROUP + HALF);
        }
    }

    /// `acc[to + r] += Σ_b sums[b, r] · xs[x + b · 6] · scales[b, r]` over `subs` sub-blocks for one token and half of
    /// [Panel#GROUP] rows, those of the register at `sums[sum]`: its lower halves are rows `r` of a register, its upper
    /// ones those of the register after the next.
    static void scale(
            short[] sums,
            int sum,
            int subs,
            float[] xs,
            int x,
            float[] scales,
            int scale,
            float[] acc,
            int to) {
        FloatVector a = FloatVector.fromArray(FLOATS, acc, to);
        FloatVector b = FloatVector.fromArray(FLOATS, acc, to + 2 * COUNT);
        for (int i = 0; i < subs; i++) {
            IntVector v =
                    ShortVector.fromArray(SHORTS, sums, sum + i * HEIGHT * GROUP)
                            .reinterpretAsInts();
            FloatVector y = FloatVector.broadcast(FLOATS, xs[x + i * HEIGHT] * UNSHIFT);
            int s = scale + i * ROWS;
            a =
                    ((FloatVector) v.lanewise(LSHL, 16).convert(I2F, 0))
                            .mul(y)
                            .fma(FloatVector.fromArray(FLOATS, scales, s), a);
            b =
                    ((FloatVector) v.and(UPPER_HALF).convert(I2F, 0))
                            .mul(y)
                            .fma(FloatVector.fromArray(FLOATS, scales, s + 2 * COUNT), b);
        }
        a.intoArray(acc, to);
        b.intoArray(acc, to + 2 * COUNT);
    }

    /// As [#scale], and `acc[to + r] += Σ_b all[x + b · 6] · offsets[b, r]`; offsets lie as scales do.
    static void scaleAndOffset(
            short[] sums,
            int sum,
            int subs,
            float[] xs,
            float[] all,
            int x,
            float[] scales,
            float[] offsets,
            int scale,
            float[] acc,
            int to) {
        FloatVector a = FloatVector.fromArray(FLOATS, acc, to);
        FloatVector b = FloatVector.fromArray(FLOATS, acc, to + 2 * COUNT);
        for (int i = 0; i < subs; i++) {
            IntVector v =
                    ShortVector.fromArray(SHORTS, sums, sum + i * HEIGHT * GROUP)
                            .reinterpretAsInts();
            FloatVector y = FloatVector.broadcast(FLOATS, xs[x + i * HEIGHT] * UNSHIFT);
            FloatVector z = FloatVector.broadcast(FLOATS, all[x + i * HEIGHT]);
            int s = scale + i * ROWS;
            a =
                    ((FloatVector) v.lanewise(LSHL, 16).convert(I2F, 0))
                            .mul(y)
                            .fma(FloatVector.fromArray(FLOATS, scales, s), a);
            b =
                    ((FloatVector) v.and(UPPER_HALF).convert(I2F, 0))
                            .mul(y)
                            .fma(FloatVector.fromArray(FLOATS, scales, s + 2 * COUNT), b);
            a = FloatVector.fromArray(FLOATS, offsets, s).fma(z, a);
            b = FloatVector.fromArray(FLOATS, offsets, s + 2 * COUNT).fma(z, b);
        }
        a.intoArray(acc, to);
        b.intoArray(acc, to + 2 * COUNT);
    }

    /// {@return the 16-bit sums in the lower halves of lanes, times 2¹⁶}
    static FloatVector lower(IntVector pairs) {
        return floats(pairs.lanewise(LSHL, 16));
    }

    /// {@return the 16-bit sums in the upper halves of lanes, times 2¹⁶}
    static FloatVector upper(IntVector pairs) {
        return floats(pairs.and(UPPER_HALF));
    }
}
