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
/// With an importance matrix weights count as [Importance] says, and [StepSearch] finds the steps.
///
/// Source: `quantize_row_q4_K_ref`, `quantize_row_q5_K_ref` and their `_impl` in ggml.
///
/// @param blockBytes how far headers are apart
record KHeader(int blockBytes, ScaleMinSearch search) {
    private static final int STEPS = 63;
    private static final StepSearch STEP_SEARCH = new StepSearch(STEPS);

    /// Writes the headers of the blocks `src[at] …` and returns the codes of their weights.
    byte[] encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        float[] w = new float[count];
        for (int i = 0; i < count; i += 32) {
            float size = (float) Math.sqrt(Importance.sumOfSquares(src, at + i, 32) / 32);
            for (int j = i; j < i + 32; j++) {
                w[j] = size + Math.abs(src[at + j]);
            }
        }
        Runs runs = new Runs(count);
        search.fit(src, at, w, count / 32, runs.codes, runs.scales, runs.mins);
        int[] scales = new int[8];
        int[] mins = new int[8];
        for (int b = 0; b < count / 256; b++, offset += blockBytes) {
            float d = inSteps(runs.scales, b * 8, scales);
            float dmin = inSteps(runs.mins, b * 8, mins);
            round(d, scales, dmin, mins, src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
        return runs.codes;
    }

    /// The same for weights that count `importance[from] …`.
    byte[] encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        float[] w = new float[count];
        Importance.weighBlocks(importance, from, 2, src, at, count, w);
        float[] runWeights = Importance.sums(w, 32);
        Runs runs = new Runs(count);
        ScaleMinSearch.important(32, search.maxCode())
                .fit(src, at, w, count / 32, runs.codes, runs.scales, runs.mins);
        int[] scales = new int[8];
        int[] mins = new int[8];
        for (int b = 0; b < count / 256; b++, offset += blockBytes) {
            float d = STEP_SEARCH.fit(runs.scales, runWeights, b * 8, 8, scales);
            float dmin = STEP_SEARCH.fit(runs.mins, runWeights, b * 8, 8, mins);
            round(d, scales, dmin, mins, src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
        return runs.codes;
    }

    /// Writes a header, and chooses the codes that are nearest with it.
    private void round(
            float unit,
            int[] scales,
            float minUnit,
            int[] mins,
            float[] src,
            int at,
            byte[] codes,
            int from,
            MemorySegment dst,
            long offset) {
        Bits.putF16(dst, offset, unit);
        Bits.putF16(dst, offset + Q4_K.DMIN, minUnit);
        KScales.pack(scales, mins, dst, offset + Q4_K.SCALES);
        float d = Bits.f16(dst, offset);
        float dmin = Bits.f16(dst, offset + Q4_K.DMIN);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * scales[sub];
            float min = dmin * mins[sub];
            int run = sub * 32;
            Runs.round(src, at + run, 32, scale, min, search.maxCode(), codes, from + run);
        }
    }

    /// Expresses eight values in 63rds of the largest and returns one.
    private static float inSteps(float[] values, int at, int[] codes) {
        float largest = Runs.largest(values, at, 8);
        float inverse = largest > 0 ? STEPS / largest : 0;
        for (int i = 0; i < 8; i++) {
            // A byte before it is compared, as in ggml: should rounding errors make a scale
            // negative, it becomes the largest code.
            codes[i] = Math.min(Rounding.nearest(inverse * values[at + i]) & 0xFF, STEPS);
        }
        return largest / STEPS;
    }
}
