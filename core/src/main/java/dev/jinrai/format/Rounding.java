package dev.jinrai.format;

/// From weights to whole numbers of steps, the way ggml rounds in each place.
final class Rounding {
    /// 1.5 · 2²³: an f32 of this size has no fraction bits left, and room for a sign.
    private static final float FRACTIONLESS = 0x1.8p23f;

    private Rounding() {}

    /// `x` to the nearest integer, ties to even; |x| is at most 2²² − 1.
    ///
    /// Adding [#FRACTIONLESS] makes the processor round and leaves the integer, offset by 2²², in
    /// the fraction bits: ggml's `nearest_int`. Outside the range the result means nothing, but it
    /// is ggml's as well (NaN gives 0, infinities −2²²), which `Math.rint` would not give.
    static int nearest(float x) {
        return (Float.floatToRawIntBits(x + FRACTIONLESS) & 0x7F_FFFF) - 0x40_0000;
    }

    /// `x` to the nearest integer, ties away from zero, as C's `roundf`.
    static int halfAway(float x) {
        return (int) (x + Math.copySign(0.5, x)); // in double, where the sum is exact
    }

    /// `1 / d`, and 0 for zero, where every code will mean zero.
    ///
    /// A `d` below 2⁻¹²⁸ has no finite inverse. Then the f16 in the block is zero anyway, and C
    /// leaves open what the codes are; x86 makes them 0, and so does NaN here.
    static float inverse(float d) {
        if (d == 0) {
            return 0;
        }
        float inverse = 1 / d;
        return Float.isInfinite(inverse) ? Float.NaN : inverse;
    }

    /// `⌊log₂ x⌋` of a positive `x` as C's `floorf(log2f(x))` has it: a logarithm just below a whole
    /// number is rounded to that number, as an f32, before it is cut.
    static int floorLog2(float x) {
        int exponent = Math.getExponent((double) x); // of a double: f32's subnormals are normal
        double below = Math.scalb((double) x, -exponent - 1) - 1; // how far below the next power
        return (int) Math.floor((float) (exponent + 1 + Math.log1p(below) / Math.log(2)));
    }
}
