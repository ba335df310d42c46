package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Tokens rounded to eight bits, with a scale for each sub-block: what codes of few bits are multiplied with in
/// sixteen-bit lanes ([IntegerTile]).
///
/// With `s` the scale of a sub-block, a value is `x ≈ s · q`, `|q| ≤ 127`, and all that follows is computed with `s · q`: the
/// product is that of the rounded token. Codes are counted from the one in the middle, `zero`, so a sub-block's sum is at most
/// `zero · Σ|q|`; `s` is chosen so that it fits 16 bits. Only the sum has to: what overflows on the way wraps back.
///
/// Where a value is infinite or NaN, the products of its token are not finite either.
///
/// Tokens lie in tiles of `height`, side by side, and chunk by chunk, as they are read: value `i` of a chunk of `n` that begins at value
/// `c`, of the token `j` of tile `t`, is at `c · T + (t · n + i) · height + j`, of `T` tokens in whole tiles; what belongs to its
/// sub-block at `1 / sub` of its first value's place.
final class QuantizedTokens {
    private static final int MOST = 127;

    /// Adding and subtracting it rounds to the nearest integer, ties to even: the last bit of a float of this size is 1.
    private static final float ROUND = 0x1.8p23f;

    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    /// Undoes that 16-bit sums are converted to f32 in the upper half of a lane.
    private static final float UNSHIFT = 0x1p-16f;

    /// Values of a smaller scale, 10⁻³⁰, are taken for zero: its inverse and what is multiplied with it stay normal numbers.
    private static final float LEAST_SCALE = 0x1p-100f;

    private static final int MAGNITUDE = Integer.MAX_VALUE;

    private final Workers workers;
    private final short[][] scratch;
    private int height = 1;

    /// The rounded values.
    short[] codes = {};

    /// The scale of each sub-block, for sums that stand in the upper half of a lane: `s / 2¹⁶`.
    float[] scales = {};

    /// The sum of the rounded values of sub-block `b` of token `t`, scaled: `sums[t · columns / sub + b]`.
    float[] sums = {};

    /// What the sum of a sub-block begins with: the middle code times the rounded values, negative.
    short[] starts = {};

    QuantizedTokens(Workers workers) {
        this.workers = workers;
        scratch = new short[workers.count()][PanelKernel.MOST_SUB * IntegerTile.HEIGHT];
    }

    /// Rounds `tokens` tokens, rows `from[t]` of `x`.
    ///
    /// @param height tokens of a tile, 1 or [IntegerTile#HEIGHT]; the last tile's missing ones are copies of the last token
    /// @param kernel the format they will be multiplied with
    void quantize(float[] x, int[] from, int tokens, int columns, PanelKernel kernel, int height) {
        this.height = height;
        int tiles = Math.ceilDiv(tokens, height);
        int subs = columns / kernel.sub();
        if (codes.length < Math.multiplyExact(tiles * height, columns)) {
            codes = new short[tiles * height * columns];
        }
        if (scales.length < tiles * height * subs) {
            scales = new float[tiles * height * subs];
            sums = new float[tiles * height * subs];
            starts = new short[tiles * height * subs];
        }
        workers.parallel(
                tiles,
                Math.max(1, (1 << 14) / (height * columns)), // some microseconds of work
                (first, last, worker) -> {
                    for (int t = first; t < last; t++) {
                        quantizeTile(x, from, tokens, t, columns, kernel, scratch[worker]);
                    }
                });
    }

    private void quantizeTile(
            float[] x,
            int[] from,
            int tokens,
            int tile,
            int columns,
            PanelKernel kernel,
            short[] rounded) {
        int sub = kernel.sub();
        int subs = columns / sub;
        int whole = Math.ceilDiv(tokens, height) * height;
        for (int b = 0; b < subs; b++) {
            int chunk = b * sub / CHUNK * CHUNK;
            int count = Math.min(CHUNK, columns - chunk);
            int to = chunk * whole + (tile * count + b * sub - chunk) * height;
            for (int j = 0; j < height; j++) {
                int t = tile * height + j;
                int at = from[Math.min(t, tokens - 1)] * columns + b * sub;
                if (height == 1) {
                    quantize(x, at, kernel, codes, to, b, b);
                } else {
                    int place = to / sub + j;
                    quantize(x, at, kernel, rounded, j * sub, place, t * subs + b);
                }
            }
            if (height > 1) {
                spread(rounded, sub, codes, to);
            }
        }
    }

    /// Rounds a sub-block.
    private void quantize(
            float[] x, int at, PanelKernel kernel, short[] dst, int to, int place, int sumPlace) {
        int sub = kernel.sub();
        float scale = largest(x, at, sub) / MOST;
        int sum = round(x, at, sub, scale, dst, to);
        int magnitudes = (sum + 0x8000) >>> 16;
        if (magnitudes > kernel.mostMagnitudes()) {
            scale *= (magnitudes + sub / 2f) / (kernel.mostMagnitudes() - sub / 2f);
            sum = round(x, at, sub, scale, dst, to);
        }
        scales[place] = scale * UNSHIFT;
        starts[place] = (short) (-kernel.zero() * sum);
        sums[sumPlace] = scale * (short) sum;
    }

    /// {@return the largest magnitude; NaN if one is NaN}
    private static float largest(float[] x, int at, int sub) {
        IntVector largest = load(x, at).reinterpretAsInts().and(MAGNITUDE);
        for (int i = COUNT; i < sub; i += COUNT) {
            largest = largest.max(load(x, at + i).reinterpretAsInts().and(MAGNITUDE));
        }
        return Float.intBitsToFloat(largest.reduceLanes(MAX)); // ordered like the floats
    }

    /// Rounds a sub-block's values.
    ///
    /// @return their sum in the lower half, as if the upper half, that of their magnitudes, were zero
    private static int round(float[] x, int at, int sub, float scale, short[] dst, int to) {
        FloatVector inverse = splat(scale > LEAST_SCALE ? 1 / scale : 0);
        IntVector sum = IntVector.zero(INTS);
        for (int i = 0; i < sub; i += COUNT) {
            IntVector v =
                    load(x, at + i).fma(inverse, splat(ROUND)).reinterpretAsInts().sub(ROUND_BITS);
            sum = sum.add(v.abs().lanewise(LSHL, 16).add(v));
            v.convertShape(I2S, Halves.SHORTS, 0).reinterpretAsShorts().intoArray(dst, to + i);
        }
        return sum.reduceLanes(ADD); // integers, in any order
    }

    /// Puts six tokens' values side by side.
    private static void spread(short[] src, int count, short[] dst, int to) {
        for (int i = 0; i < count; i++) {
            int at = to + i * IntegerTile.HEIGHT;
            dst[at] = src[i];
            dst[at + 1] = src[count + i];
            dst[at + 2] = src[2 * count + i];
            dst[at + 3] = src[3 * count + i];
            dst[at + 4] = src[4 * count + i];
            dst[at + 5] = src[5 * count + i];
        }
    }
}
