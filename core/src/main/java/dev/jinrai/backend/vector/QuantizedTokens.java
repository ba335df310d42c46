package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/// Tokens as small integers, for [CodeTile]: 32 values share a scale.
///
/// A value is about its block's scale times its code. The largest of the 32 has code ±[PanelKernel#levels]: 127 where a sum of 32 codes of four bits has to fit 16 bits, 63 for five bits. What the codes of a weight are offset by is multiplied with the exact sums of the values, not with the
/// codes': only the part that depends on the codes is rounded.
final class QuantizedTokens {
    /// Values that share a scale.
    static final int BLOCK = 32;

    /// Tokens side by side.
    static final int GROUP = 4;

    /// Adding it to a float below 2²² rounds that to the nearest whole number, which then is in the low bits.
    private static final float ROUND = 0x1.8p23f;

    /// Four tokens side by side, or one if there is only one: [#code]. In both halves of the integer: to bring 32 bits
    /// from memory to all lanes costs no arithmetic, to bring 16 does.
    int[] codes = {};

    /// Of each 32 values of a token, the scale: [#block].
    float[] scales = {};

    /// Of each 32 values of a token, their sum: [#block].
    float[] sums = {};

    /// Of each 32 values, what a sum of codes begins with: minus the zero code times the sum of their codes. They lie
    /// as the codes do: [#first].
    short[] firsts = {};

    private int values;
    private int width;
    private int tokens;

    /// Makes room for `count` tokens of `n` values.
    void shape(int count, int n) {
        values = n;
        width = count == 1 ? 1 : GROUP;
        tokens = Math.ceilDiv(count, width) * width;
        int room = Math.multiplyExact(tokens, n);
        if (codes.length < room) {
            codes = new int[room];
            scales = new float[room / BLOCK];
            sums = new float[room / BLOCK];
            firsts = new short[room / BLOCK];
        }
    }

    // A chunk of all tokens is in one piece: of tokens that lie a power of two apart, caches hold
    // but a few.

    /// {@return where the codes of the chunk from value `i` on are of token `t`, the first of a group}
    int code(int i, int t) {
        return i * tokens + t * chunk(i);
    }

    /// {@return where the chunk's scales and sums are of token `t`}
    int block(int i, int t) {
        return code(i, t) / BLOCK;
    }

    /// {@return where the chunk's firsts are of token `t`, the first of a group}
    int first(int i, int t) {
        return code(i, t) / BLOCK;
    }

    private int chunk(int i) {
        return Math.min(CHUNK, values - i);
    }

    /// Quantizes token `t`, the values from `x[from]` on.
    ///
    /// @param lanes scratch of one register
    /// @param rounded scratch of 32 integers
    void fill(float[] x, int from, int t, PanelKernel kernel, float[] lanes, int[] rounded) {
        for (int i = 0; i < values; i += CHUNK) {
            fill(x, from + i, chunk(i), i, t, kernel, lanes, rounded);
        }
    }

    private void fill(
            float[] x,
            int from,
            int count,
            int chunk,
            int t,
            PanelKernel kernel,
            float[] lanes,
            int[] rounded) {
        int group = t / width * width;
        int code = code(chunk, group) + t % width;
        int first = first(chunk, group) + t % width;
        int block = block(chunk, t);
        for (int i = 0; i < count; i += BLOCK) {
            float scale = largest(x, from + i) / kernel.levels();
            scales[block] = scale;
            // A block of zeros, or of values whose scale underflows, has codes of zero.
            float inverse = scale > 0 ? 1 / scale : 0;
            round(x, from + i, inverse > Float.MAX_VALUE ? 0 : inverse, rounded);
            int codeSum = 0;
            for (int k = 0; k < BLOCK; k++) {
                codes[code] = rounded[k] & 0xFFFF | rounded[k] << 16;
                code += width;
                codeSum += rounded[k];
            }
            firsts[first] = (short) (-kernel.zero() * codeSum);
            first += width;
            sums[block] = sum(x, from + i, BLOCK, lanes);
            block++;
        }
    }

    /// {@return the largest magnitude of 32 values; a NaN counts as the largest}
    private static float largest(float[] x, int from) {
        // Magnitudes are ordered as their bits.
        IntVector max = IntVector.zero(INTS);
        for (int i = 0; i < BLOCK; i += COUNT) {
            max = max.max(load(x, from + i).reinterpretAsInts().and(Integer.MAX_VALUE));
        }
        return Float.intBitsToFloat(max.reduceLanes(VectorOperators.MAX));
    }

    private static void round(float[] x, int from, float inverse, int[] rounded) {
        FloatVector factor = splat(inverse);
        FloatVector round = splat(ROUND);
        int bits = Float.floatToRawIntBits(ROUND);
        for (int i = 0; i < BLOCK; i += COUNT) {
            load(x, from + i)
                    .fma(factor, round)
                    .reinterpretAsInts()
                    .sub(bits)
                    .intoArray(rounded, i);
        }
    }

    /// {@return the sum of `count` values, 16 or 32}
    static float sum(float[] x, int from, int count, float[] lanes) {
        FloatVector sum = load(x, from);
        for (int i = COUNT; i < count; i += COUNT) {
            sum = sum.add(load(x, from + i));
        }
        sum.intoArray(lanes, 0);
        return Lanes.sum(lanes);
    }
}
