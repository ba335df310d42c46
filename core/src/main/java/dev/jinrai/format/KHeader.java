package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # The sixteen bytes that [Q4_K] and [Q5_K] begin with, found
///
/// ```
/// byte 0   2      4                                       16
///      │ d │ dmin │ eight scales, eight minima: KScales   │
/// ```
/// Each sub-block of 32 weights gets its own scale and minimum from [ScaleMinSearch], where a weight
/// counts as much as its size and the root mean square of its sub-block together. The largest scale
/// and the largest minimum of the eight become 63 steps, of `d` and of `dmin`; then the weights are
/// rounded once more, to the scales and minima that a decoder will see.
///
/// Source: `quantize_row_q4_K_ref`, `quantize_row_q5_K_ref` in ggml.
final class KHeader {
    private static final int STEPS = 63;

    private KHeader() {}

    /// Writes the header of the block `src[at] … src[at + 255]` and returns the codes of its weights.
    static int[] encode(
            float[] src, int at, ScaleMinSearch search, MemorySegment dst, long offset) {
        int[] codes = new int[256];
        float[] scales = new float[8];
        float[] mins = new float[8];
        float[] importance = new float[32];
        for (int sub = 0; sub < 8; sub++) {
            weigh(src, at + sub * 32, importance);
            ScaleMinSearch.Fit fit = search.fit(src, at + sub * 32, importance, codes, sub * 32);
            scales[sub] = fit.scale();
            mins[sub] = fit.min();
        }
        float d = step(scales, dst, offset);
        float dmin = step(mins, dst, offset + Q4_K.DMIN);
        int[] scaleCodes = inSteps(scales);
        int[] minCodes = inSteps(mins);
        KScales.pack(scaleCodes, minCodes, dst, offset + Q4_K.SCALES);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scaleCodes[sub];
            float min = dmin * minCodes[sub];
            if (scale != 0) { // else every code decodes to −min, and those of the search stay
                for (int j = sub * 32; j < sub * 32 + 32; j++) {
                    int q = Rounding.nearest((src[at + j] + min) / scale);
                    codes[j] = Math.clamp(q, 0, search.maxCode());
                }
            }
        }
        return codes;
    }

    private static void weigh(float[] x, int at, float[] importance) {
        float squares = 0;
        for (int i = 0; i < importance.length; i++) {
            squares += x[at + i] * x[at + i];
        }
        float size = (float) Math.sqrt(squares / importance.length);
        for (int i = 0; i < importance.length; i++) {
            importance[i] = size + Math.abs(x[at + i]);
        }
    }

    /// Writes a 63rd of the largest value as an f16 and returns what a decoder reads there.
    private static float step(float[] values, MemorySegment dst, long offset) {
        Bits.putF16(dst, offset, largest(values) / STEPS);
        return Bits.f16(dst, offset);
    }

    private static int[] inSteps(float[] values) {
        float largest = largest(values);
        float inverse = largest > 0 ? STEPS / largest : 0;
        int[] codes = new int[values.length];
        for (int i = 0; i < codes.length; i++) {
            // A byte before it is compared, as in ggml: should rounding errors make a scale
            // negative, it becomes the largest code.
            codes[i] = Math.min(Rounding.nearest(inverse * values[i]) & 0xFF, STEPS);
        }
        return codes;
    }

    private static float largest(float[] values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, value);
        }
        return largest;
    }
}
