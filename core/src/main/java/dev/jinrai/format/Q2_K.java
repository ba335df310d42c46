package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q2_K: 256 weights in 84 bytes, 2.625 bits a weight
///
/// ```
/// byte 0                       16            80  82     84
///      │ scale | min << 4: 16 │ qs: 64 bytes │ d │ dmin │
/// ```
/// Sixteen sub-blocks of 16 weights, each with a 4-bit scale `sc` and a 4-bit minimum `m`. Two halves
/// of 128 weights, each with 32 bytes of `qs`: weight `j` of run `g` of 32 is in bits `2g` and
/// `2g + 1` of `qs[j]`. `w = d · sc · q − dmin · m`, with `d` and `dmin` f16 and `q` from 0 to 3.
///
/// Source: `block_q2_K`, `quantize_row_q2_K_ref` and `quantize_row_q2_K_impl` in ggml.
public record Q2_K() implements EncodableFormat {
    /// Byte offset of the codes in a block; scales and minima are at 0.
    public static final int QS = 16;

    /// Byte offset of `d`.
    public static final int D = 80;

    /// Byte offset of `dmin`.
    public static final int DMIN = 82;

    private static final int STEPS = 15;

    // Intervals from 2.5 to 4 steps.
    private static final ScaleMinSearch SEARCH = new ScaleMinSearch(16, 3, -0.5f, 0.1f, 15, false);
    private static final ScaleMinSearch IMPORTANT = ScaleMinSearch.important(16, 3);
    private static final StepSearch STEP_SEARCH = new StepSearch(STEPS);

    @Override
    public GgmlType type() {
        return GgmlType.Q2_K;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        float dmin = Bits.f16(src, offset + DMIN);
        for (int sub = 0; sub < 16; sub++) {
            int scaleAndMin = Bits.u8(src, offset + sub);
            float scale = d * (scaleAndMin & 0xF);
            float min = dmin * (scaleAndMin >>> 4);
            long run = offset + QS + sub / 8 * 32L + sub % 2 * 16L;
            int shift = sub / 2 % 4 * 2;
            for (int j = 0; j < 16; j++) {
                int q = Bits.u8(src, run + j) >>> shift & 3;
                dst[at + sub * 16 + j] = scale * q - min;
            }
        }
    }

    /// Finds a scale and a minimum for each sixteen weights by [ScaleMinSearch], where a weight counts
    /// as much as its size; expresses these in four bits; and rounds the weights once more.
    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        float[] w = new float[count];
        Importance.sizes(src, at, count, w);
        Runs runs = new Runs(count);
        SEARCH.fit(src, at, w, runs.count, runs.codes, runs.scales, runs.mins);
        for (int b = 0; b < count / 256; b++, offset += 84) {
            float largestScale = Runs.largest(runs.scales, b * 16, 16);
            float largestMin = Runs.largest(runs.mins, b * 16, 16);
            Bits.putF16(dst, offset + D, largestScale / STEPS);
            Bits.putF16(dst, offset + DMIN, largestMin / STEPS);
            float inverseScale = largestScale > 0 ? STEPS / largestScale : 0;
            float inverseMin = largestMin > 0 ? STEPS / largestMin : 0;
            for (int sub = 0; sub < 16; sub++) {
                int scale = Rounding.nearest(inverseScale * runs.scales[b * 16 + sub]);
                int min = Rounding.nearest(inverseMin * runs.mins[b * 16 + sub]);
                Bits.put8(dst, offset + sub, scale | min << 4);
            }
            pack(src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
    }

    /// As without an importance matrix, but for what weights count; scales and minima are expressed in
    /// four bits by [StepSearch].
    @Override
    public void encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        float[] w = new float[count];
        Importance.weighBlocks(importance, from, 1, src, at, count, w);
        float[] runWeights = Importance.sums(w, 16);
        Runs runs = new Runs(count);
        IMPORTANT.fit(src, at, w, runs.count, runs.codes, runs.scales, runs.mins);
        int[] scales = new int[16];
        int[] mins = new int[16];
        for (int b = 0; b < count / 256; b++, offset += 84) {
            float d = STEP_SEARCH.fit(runs.scales, runWeights, b * 16, 16, scales);
            float dmin = STEP_SEARCH.fit(runs.mins, runWeights, b * 16, 16, mins);
            Bits.putF16(dst, offset + D, d);
            Bits.putF16(dst, offset + DMIN, dmin);
            for (int sub = 0; sub < 16; sub++) {
                Bits.put8(dst, offset + sub, scales[sub] | mins[sub] << 4);
            }
            pack(src, at + b * 256, runs.codes, b * 256, dst, offset);
        }
    }

    /// Writes the codes that are nearest with the scales and minima that are there.
    private static void pack(
            float[] src, int at, byte[] codes, int from, MemorySegment dst, long offset) {
        float d = Bits.f16(dst, offset + D);
        float dmin = Bits.f16(dst, offset + DMIN);
        for (int sub = 0; sub < 16; sub++) {
            int scaleAndMin = Bits.u8(dst, offset + sub);
            float scale = d * (scaleAndMin & 0xF);
            float min = dmin * (scaleAndMin >>> 4);
            Runs.round(src, at + sub * 16, 16, scale, min, 3, codes, from + sub * 16);
        }
        TwoBits.pack(codes, from, dst, offset + QS);
    }
}
