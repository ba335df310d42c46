package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.SHORTS;
import static dev.jinrai.backend.vector.Lanes.shorts;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// The inner loops of products of a panel's codes with quantized tokens: lanes of 16 bits, a row each.
///
/// A lane takes half the room of an f32's, and needs no conversion: these loops do twice the weights. The
/// price is that a sum has to fit 16 bits. Codes are therefore counted from the one that stands for zero, by
/// letting a sum begin at minus that code times the sum of the inputs: on the way it may wrap, only its end has to
/// fit. [QuantizedTokens] chooses the inputs' range so that it does.
final class CodeTile {
    /// Weights that share a scale.
    static final int SUB = 32;

    private static final int COUNT = SHORTS.length();

    /// Rows of one call: two registers.
    static final int STEP = 2 * COUNT;

    private CodeTile() {}

    /// A chunk's codes with one token, a sum for each sub-block of [#SUB]: `subs` times
    /// `sums[to + s · 64 + r] = firsts[first + s] + Σ_k codes[at + (s · SUB + k) · 64 + r] · x[from + s · SUB + k]`.
    static void multiply(
            byte[] codes,
            int at,
            short[] firsts,
            int first,
            int[] x,
            int from,
            int subs,
            short[] sums,
            int to) {
        for (int s = 0; s < subs; s++) {
            ShortVector a = ShortVector.broadcast(SHORTS, firsts[first + s]);
            ShortVector b = a;
            int row = at + s * SUB * ROWS;
            int value = from + s * SUB;
            for (int k = 0; k < SUB; k++) {
                ShortVector v = pairs(x[value + k]);
                a = a.add(shorts(codes, row + k * ROWS).mul(v));
                b = b.add(shorts(codes, row + k * ROWS + COUNT).mul(v));
            }
            a.intoArray(sums, to + s * ROWS);
            b.intoArray(sums, to + s * ROWS + COUNT);
        }
    }

    /// Bytes of a panel with two codes each, with one token: `runs` runs of `count` bytes, `stride` bytes of the panel
    /// apart. A run's lower codes are its first `count` values, the upper ones the next; each half gets a sum.
    ///
    /// All in one method, for the memory's sake: at the end of one that used wide registers the CPU
    /// waits for its loads to arrive (`vzeroupper`), and nothing is on its way meanwhile.
    ///
    /// @param step sums that begin with a value of `firsts`: 2 of a run, or its lower one only
    static void multiplyNibbles(
            MemorySegment src,
            long at,
            int runs,
            long stride,
            int count,
            short[] firsts,
            int first,
            int step,
            int[] x,
            int from,
            short[] sums,
            int to) {
        for (int run = 0; run < runs; run++) {
            ShortVector a = ShortVector.broadcast(SHORTS, firsts[first + run * step]);
            ShortVector b = a;
            short upper = step == 2 ? firsts[first + run * step + 1] : 0;
            ShortVector c = ShortVector.broadcast(SHORTS, upper);
            ShortVector d = c;
            long bytes = at + run * stride;
            int low = from + 2 * run * count;
            for (int k = 0; k < count; k++) {
                ShortVector y = pairs(x[low + k]);
                ShortVector z = pairs(x[low + count + k]);
                ShortVector v = shorts(src, bytes + k * ROWS);
                a = a.add(v.and((short) 0xF).mul(y));
                c = c.add(v.lanewise(LSHR, 4).and((short) 0xF).mul(z));
                v = shorts(src, bytes + k * ROWS + COUNT);
                b = b.add(v.and((short) 0xF).mul(y));
                d = d.add(v.lanewise(LSHR, 4).and((short) 0xF).mul(z));
            }
            int sum = to + 2 * run * ROWS;
            a.intoArray(sums, sum);
            b.intoArray(sums, sum + COUNT);
            c.intoArray(sums, sum + ROWS);
            d.intoArray(sums, sum + ROWS + COUNT);
        }
    }

    /// A chunk's codes with four tokens side by side, value `k` of token `t` at `x[from + 4 k + t]`: sub-block `s` of
    /// token `t` has its sum in `sums[to + (4 s + t) · 64 + r]`, and that begins with `firsts[first + 4 s + t]`.
    static void multiply4(
            byte[] codes,
            int at,
            short[] firsts,
            int first,
            int[] x,
            int from,
            int subs,
            short[] sums,
            int to) {
        for (int s = 0; s < subs; s++) {
            ShortVector a0 = ShortVector.broadcast(SHORTS, firsts[first + 4 * s]);
            ShortVector b0 = a0;
            ShortVector a1 = ShortVector.broadcast(SHORTS, firsts[first + 4 * s + 1]);
            ShortVector b1 = a1;
            ShortVector a2 = ShortVector.broadcast(SHORTS, firsts[first + 4 * s + 2]);
            ShortVector b2 = a2;
            ShortVector a3 = ShortVector.broadcast(SHORTS, firsts[first + 4 * s + 3]);
            ShortVector b3 = a3;
            int row = at + s * SUB * ROWS;
            int value = from + 4 * s * SUB;
            for (int k = 0; k < SUB; k++) {
                ShortVector a = shorts(codes, row + k * ROWS);
                ShortVector b = shorts(codes, row + k * ROWS + COUNT);
                ShortVector v = pairs(x[value + 4 * k]);
                a0 = a0.add(a.mul(v));
                b0 = b0.add(b.mul(v));
                v = pairs(x[value + 4 * k + 1]);
                a1 = a1.add(a.mul(v));
                b1 = b1.add(b.mul(v));
                v = pairs(x[value + 4 * k + 2]);
                a2 = a2.add(a.mul(v));
                b2 = b2.add(b.mul(v));
                v = pairs(x[value + 4 * k + 3]);
                a3 = a3.add(a.mul(v));
                b3 = b3.add(b.mul(v));
            }
            int sum = to + 4 * s * ROWS;
            a0.intoArray(sums, sum);
            b0.intoArray(sums, sum + COUNT);
            a1.intoArray(sums, sum + ROWS);
            b1.intoArray(sums, sum + ROWS + COUNT);
            a2.intoArray(sums, sum + 2 * ROWS);
            b2.intoArray(sums, sum + 2 * ROWS + COUNT);
            a3.intoArray(sums, sum + 3 * ROWS);
            b3.intoArray(sums, sum + 3 * ROWS + COUNT);
        }
    }

    /// {@return a code, given twice ([QuantizedTokens#codes]), in all lanes}
    private static ShortVector pairs(int code) {
        return IntVector.broadcast(Lanes.INTS, code).reinterpretAsShorts();
    }
}
