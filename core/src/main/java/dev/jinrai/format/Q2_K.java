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
/// Source: `block_q2_K` and `quantize_row_q2_K_ref` in ggml.
public record Q2_K() implements EncodableFormat {
    /// Byte offset of the codes in a block; scales and minima are at 0.
    public static final int QS = 16;

    /// Byte offset of `d`.
    public static final int D = 80;

    /// Byte offset of `dmin`.
    public static final int DMIN = 82;

    private static final int STEPS = 15;

    // Intervals from 2.5 to 4 steps.
    private static final ScaleMinSearch SEARCH = new ScaleMinSearch(3, -0.5f, 15, false);

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
    public void encodeBlock(float[] src, int at, MemorySegment dst, long offset) {
        int[] codes = new int[256];
        float[] scales = new float[16];
        float[] mins = new float[16];
        float[] importance = new float[16];
        float largestScale = 0;
        float largestMin = 0;
        for (int sub = 0; sub < 16; sub++) {
            for (int j = 0; j < 16; j++) {
                importance[j] = Math.abs(src[at + sub * 16 + j]);
            }
            ScaleMinSearch.Fit fit = SEARCH.fit(src, at + sub * 16, importance, codes, sub * 16);
            scales[sub] = fit.scale();
            mins[sub] = fit.min();
            largestScale = Math.max(largestScale, fit.scale());
            largestMin = Math.max(largestMin, fit.min());
        }
        Bits.putF16(dst, offset + D, largestScale / STEPS);
        Bits.putF16(dst, offset + DMIN, largestMin / STEPS);
        float d = Bits.f16(dst, offset + D);
        float dmin = Bits.f16(dst, offset + DMIN);
        float inverseScale = largestScale > 0 ? STEPS / largestScale : 0;
        float inverseMin = largestMin > 0 ? STEPS / largestMin : 0;
        for (int sub = 0; sub < 16; sub++) {
            int scale = Rounding.nearest(inverseScale * scales[sub]);
            int min = Rounding.nearest(inverseMin * mins[sub]);
            int scaleAndMin = (scale | min << 4) & 0xFF;
            Bits.put8(dst, offset + sub, scaleAndMin);
            float step = d * (scaleAndMin & 0xF);
            float shift = dmin * (scaleAndMin >>> 4);
            if (step != 0) { // else every code decodes to −min, and those of the search stay
                for (int j = sub * 16; j < sub * 16 + 16; j++) {
                    int q = Rounding.nearest((src[at + j] + shift) / step);
                    codes[j] = Math.clamp(q, 0, 3);
                }
            }
        }
        TwoBits.pack(codes, dst, offset + QS);
    }
}
