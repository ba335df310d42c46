package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q3_K: 256 weights in 110 bytes, 3.4375 bits a weight
///
/// ```
/// byte 0                 32             96                   108 110
///      │ hmask: 32 bytes │ qs: 64 bytes │ 16 scales, 6 bits │ d │
/// ```
/// Sixteen sub-blocks of 16 weights, each with a scale `sc` of six bits: the lower four of scale `s`
/// are in the low (`s < 8`) or high half of byte `s % 8`, the upper two in bits `2·(s / 4)` and on of
/// byte `8 + s % 4`. Codes have three bits: the lower two lie as in [Q2_K], the third of weight `i` is
/// bit `i / 32` of `hmask[i % 32]`. `w = d · (sc − 32) · (q − 4)`, with `d` an f16.
///
/// Source: `block_q3_K` and `quantize_row_q3_K_ref` in ggml.
public record Q3_K() implements EncodableFormat {
    /// Byte offset of the lower two bits in a block; the third bits are at 0.
    public static final int QS = 32;

    /// Byte offset of the packed scales.
    public static final int SCALES = 96;

    /// Byte offset of `d`.
    public static final int D = 108;

    /// The code that stands for zero.
    public static final int ZERO = 4;

    private static final int ZERO_SCALE = 32;

    @Override
    public GgmlType type() {
        return GgmlType.Q3_K;
    }

    /// {@return scale `s`, 0 to 15, of the block at `offset`: −32 to 31}
    public static int scale(MemorySegment src, long offset, int s) {
        int low = Bits.u8(src, offset + SCALES + s % 8) >>> (s / 8 * 4) & 0xF;
        int high = Bits.u8(src, offset + SCALES + 8 + s % 4) >>> (s / 4 * 2) & 3;
        return (low | high << 4) - ZERO_SCALE;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        for (int sub = 0; sub < 16; sub++) {
            float scale = d * scale(src, offset, sub);
            long thirds = offset + sub % 2 * 16L;
            long run = offset + QS + sub / 8 * 32L + sub % 2 * 16L;
            int shift = sub / 2 % 4 * 2;
            for (int j = 0; j < 16; j++) {
                int low = Bits.u8(src, run + j) >>> shift & 3;
                int third = Bits.u8(src, thirds + j) >>> (sub / 2) & 1;
                dst[at + sub * 16 + j] = scale * ((low | third << 2) - ZERO);
            }
        }
    }

    /// Finds a scale for each sixteen weights by [CodeSearch], expresses these scales in six bits (the
    /// largest as −32), and rounds the weights once more to what those bits stand for.
    @Override
    public void encodeBlock(float[] src, int at, MemorySegment dst, long offset) {
        int[] codes = new int[256];
        float[] scales = new float[16];
        float extreme = 0; // the scale farthest from zero, with its sign; the first of equals
        for (int s = 0; s < 16; s++) {
            scales[s] = CodeSearch.fit(src, at + s * 16, codes, s * 16);
            if (Math.abs(scales[s]) > Math.abs(extreme)) {
                extreme = scales[s];
            }
        }
        int[] scaleCodes = new int[16];
        if (extreme == 0) {
            Bits.putF16(dst, offset + D, 0);
        } else {
            float inverse = -ZERO_SCALE / extreme;
            Bits.putF16(dst, offset + D, 1 / inverse);
            for (int s = 0; s < 16; s++) {
                byte q = (byte) Rounding.nearest(inverse * scales[s]);
                scaleCodes[s] = Math.clamp(q, -ZERO_SCALE, ZERO_SCALE - 1) + ZERO_SCALE;
            }
        }
        pack(scaleCodes, codes, src, at, dst, offset);
    }

    /// Writes the scales, and the codes that are nearest with them and the `d` that is there.
    private static void pack(
            int[] scales, int[] codes, float[] src, int at, MemorySegment dst, long offset) {
        for (int j = 0; j < 8; j++) {
            Bits.put8(dst, offset + SCALES + j, (scales[j] & 0xF) | (scales[j + 8] & 0xF) << 4);
        }
        for (int j = 0; j < 4; j++) {
            int upper = 0;
            for (int g = 0; g < 4; g++) {
                upper |= scales[g * 4 + j] >>> 4 << (2 * g);
            }
            Bits.put8(dst, offset + SCALES + 8 + j, upper);
        }
        float d = Bits.f16(dst, offset + D);
        for (int s = 0; s < 16; s++) {
            float step = d * (scales[s] - ZERO_SCALE);
            if (step != 0) { // else any code decodes to zero, and those of the search stay
                for (int j = s * 16; j < s * 16 + 16; j++) {
                    int q = Rounding.nearest(src[at + j] / step);
                    codes[j] = Math.clamp(q, -ZERO, ZERO - 1) + ZERO;
                }
            }
        }
        for (int j = 0; j < 32; j++) {
            int thirds = 0;
            for (int g = 0; g < 8; g++) {
                thirds |= codes[g * 32 + j] >>> 2 << g;
            }
            Bits.put8(dst, offset + j, thirds);
        }
        TwoBits.pack(codes, dst, offset + QS);
    }
}
