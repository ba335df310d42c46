package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.SHORTS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
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
    static final int HEIGHT = TileKernel.HEIGHT;

    /// Sixteen-bit lanes of a register.
    static final int HALF = GROUP / 2;

    private static final int UPPER_HALF = 0xFFFF0000;

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
            ShortVector s0 = splat(starts[begin]);
            ShortVector s1 = splat(starts[begin + 1]);
            ShortVector s2 = splat(starts[begin + 2]);
            ShortVector s3 = splat(starts[begin + 3]);
            ShortVector s4 = splat(starts[begin + 4]);
            ShortVector s5 = splat(starts[begin + 5]);
            ShortVector t0 = s0;
            ShortVector t1 = s1;
            ShortVector t2 = s2;
            ShortVector t3 = s3;
            ShortVector t4 = s4;
            ShortVector t5 = s5;
            for (int i = 0; i < sub; i++) {
                ShortVector s = ShortVector.fromArray(SHORTS, w, p);
                ShortVector t = ShortVector.fromArray(SHORTS, w, p + HALF);
                ShortVector v = splat(x[q]);
                s0 = s0.add(s.mul(v));
                t0 = t0.add(t.mul(v));
                v = splat(x[q + 1]);
                s1 = s1.add(s.mul(v));
                t1 = t1.add(t.mul(v));
                v = splat(x[q + 2]);
                s2 = s2.add(s.mul(v));
                t2 = t2.add(t.mul(v));
                v = splat(x[q + 3]);
                s3 = s3.add(s.mul(v));
                t3 = t3.add(t.mul(v));
                v = splat(x[q + 4]);
                s4 = s4.add(s.mul(v));
                t4 = t4.add(t.mul(v));
                v = splat(x[q + 5]);
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

    /// `acc[to + r] += Σ_b sums[b, r] · xs[x + b · 6] · scales[b, r]` over `subs` sub-blocks for one token and
    /// [Panel#GROUP] rows; sums lie as [#multiply] leaves them.
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
        FloatVector a = load(acc, to);
        FloatVector b = load(acc, to + COUNT);
        FloatVector c = load(acc, to + 2 * COUNT);
        FloatVector d = load(acc, to + 3 * COUNT);
        for (int i = 0; i < subs; i++) {
            int k = sum + i * HEIGHT * GROUP;
            IntVector even = ShortVector.fromArray(SHORTS, sums, k).reinterpretAsInts();
            IntVector odd = ShortVector.fromArray(SHORTS, sums, k + HALF).reinterpretAsInts();
            FloatVector y = Lanes.splat(xs[x + i * HEIGHT]);
            int s = scale + i * ROWS;
            a = lower(even).mul(y).fma(load(scales, s), a);
            b = lower(odd).mul(y).fma(load(scales, s + COUNT), b);
            c = upper(even).mul(y).fma(load(scales, s + 2 * COUNT), c);
            d = upper(odd).mul(y).fma(load(scales, s + 3 * COUNT), d);
        }
        a.intoArray(acc, to);
        b.intoArray(acc, to + COUNT);
        c.intoArray(acc, to + 2 * COUNT);
        d.intoArray(acc, to + 3 * COUNT);
    }

    /// {@return the 16-bit sums in the lower halves of lanes, times 2¹⁶}
    static FloatVector lower(IntVector pairs) {
        return floats(pairs.lanewise(LSHL, 16));
    }

    /// {@return the 16-bit sums in the upper halves of lanes, times 2¹⁶}
    static FloatVector upper(IntVector pairs) {
        return floats(pairs.and(UPPER_HALF));
    }

    /// {@return the value in every lane}
    static ShortVector splat(short value) {
        return ShortVector.broadcast(SHORTS, value);
    }
}
