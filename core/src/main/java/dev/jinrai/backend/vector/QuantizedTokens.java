package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.MAX;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Tokens rounded to eight bits, with a scale for each sub-block: what codes of few bits are multiplied with in
/// sixteen-bit lanes ([IntegerTile]).
///
/// With `s` the scale of a sub-block, a value is `x ≈ s · q`, `|q| ≤ 127`. Codes are counted from the one that stands for
/// zero, so a sub-block's sum is at most `zero · Σ|q|`; `s` is chosen so that it fits 16 bits. Only the sum has to: what
/// overflows on the way wraps back.
///
/// Tokens lie in tiles of `height`, side by side: value `i` of the token `j` of tile `t` is at `(t · columns + i) · height + j`,
/// and what belongs to its sub-block `b` at `(t · columns / sub + b) · height + j`.
final class QuantizedTokens {
    private static final int MOST = 127;

    /// Adding and subtracting it rounds to the nearest integer, ties to even: the last bit of a float of this size is 1.
    private static final float ROUND = 0x1.8p23f;

    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    /// A scale below has no inverse; values that small are taken for zero.
    private static final float LEAST_SCALE = 0x1p-120f;

    private final Workers workers;
    private final Scratch[] scratch;
    private int height = 1;

    /// The rounded values.
    short[] codes = {};

    /// The scale of each sub-block.
    float[] scales = {};

    /// The sum of the values of each sub-block, before they were rounded.
    float[] sums = {};

    /// What the sum of a sub-block, scaled, lacks for being counted from the middle code, if that is not the weight zero.
    float[] offsets = {};

    /// What the sum of a sub-block begins with: the code of zero times the rounded values, negative.
    short[] starts = {};

    /// One thread's rounded values of a token, and a register's lanes.
    private static final class Scratch {
        private final float[] lanes = new float[COUNT];
        private short[] rounded = {};

        private short[] rounded(int count) {
            if (rounded.length < count) {
                rounded = new short[count];
            }
            return rounded;
        }
    }

    QuantizedTokens(Workers workers) {
        this.workers = workers;
        scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /// Rounds `tokens` tokens, rows `from[t]` of `x`.
    ///
    /// @param height tokens of a tile; the last tile's missing ones are copies of the last token
    /// @param kernel the format they will be multiplied with
    void quantize(float[] x, int[] from, int tokens, int columns, PanelKernel kernel, int height) {
        this.height = height;
        int whole = Math.ceilDiv(tokens, height) * height;
        int subs = columns / kernel.sub();
        if (codes.length < Math.multiplyExact(whole, columns)) {
            codes = new short[whole * columns];
        }
        if (scales.length < whole * subs) {
            scales = new float[whole * subs];
            sums = new float[whole * subs];
            offsets = new float[whole * subs];
            starts = new short[whole * subs];
        }
        workers.parallel(
                whole,
                Math.max(1, (1 << 14) / columns), // some microseconds of work
                (first, last, worker) -> {
                    for (int t = first; t < last; t++) {
                        int row = from[Math.min(t, tokens - 1)] * columns;
                        quantizeToken(x, row, t, columns, kernel, scratch[worker]);
                    }
                });
    }

    private void quantizeToken(
            float[] x, int from, int t, int columns, PanelKernel kernel, Scratch scratch) {
        int sub = kernel.sub();
        int first = t / height * columns * height + t % height;
        int firstSub = t / height * (columns / sub) * height + t % height;
        short[] rounded = height == 1 ? codes : scratch.rounded(columns);
        int to = height == 1 ? first : 0;
        for (int i = 0; i < columns; i += sub) {
            int b = firstSub + i / sub * height;
            scales[b] = scale(x, from + i, kernel, scratch.lanes);
            sums[b] = sum(x, from + i, sub, scratch.lanes);
            offsets[b] = kernel.symmetric() ? 0 : kernel.zero() * sums[b];
            int sum = round(x, from + i, sub, scales[b], rounded, to + i);
            starts[b] = (short) (-kernel.zero() * sum);
        }
        if (height > 1) {
            spread(rounded, columns, codes, first, height);
        }
    }

    /// {@return the least scale that brings the values to [#MOST] and their sum of magnitudes to what the format allows}
    private static float scale(float[] x, int at, PanelKernel kernel, float[] lanes) {
        FloatVector largest = load(x, at).abs();
        FloatVector magnitudes = largest;
        for (int j = COUNT; j < kernel.sub(); j += COUNT) {
            FloatVector v = load(x, at + j).abs();
            largest = largest.max(v);
            magnitudes = magnitudes.add(v);
        }
        float scale = largest.reduceLanes(MAX) / MOST; // a maximum has no order
        if (kernel.mostMagnitudes() >= kernel.sub() * MOST) {
            return scale;
        }
        magnitudes.intoArray(lanes, 0);
        return Math.max(scale, Lanes.sum(lanes) / kernel.mostMagnitudes());
    }

    /// Rounds a sub-block's values.
    ///
    /// @return their sum
    private static int round(float[] x, int at, int sub, float scale, short[] dst, int to) {
        FloatVector inverse = splat(scale > LEAST_SCALE ? 1 / scale : 0);
        IntVector sum = IntVector.zero(INTS);
        for (int j = 0; j < sub; j += COUNT) {
            IntVector v =
                    load(x, at + j).fma(inverse, splat(ROUND)).reinterpretAsInts().sub(ROUND_BITS);
            sum = sum.add(v);
            v.convertShape(I2S, Halves.SHORTS, 0).reinterpretAsShorts().intoArray(dst, to + j);
        }
        return sum.reduceLanes(ADD); // integers, in any order
    }

    private static float sum(float[] x, int at, int sub, float[] lanes) {
        FloatVector sum = load(x, at);
        for (int j = COUNT; j < sub; j += COUNT) {
            sum = sum.add(load(x, at + j));
        }
        sum.intoArray(lanes, 0);
        return Lanes.sum(lanes);
    }

    private static void spread(short[] src, int count, short[] dst, int at, int step) {
        for (int i = 0; i < count; i++) {
            dst[at + i * step] = src[i];
        }
    }
}
