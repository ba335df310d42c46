package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # NVFP4: 64 weights in 36 bytes, 4.5 bits a weight
///
/// ```
/// byte 0              4                              36
///      │ d: four E4M3 │ qs: four runs of eight bytes │
/// ```
/// A run has 16 weights with a scale of its own: byte `j` holds weight `j` in its lower and `j + 8` in its
/// upper half, as numbers of one sign, two exponent and one fraction bit ([MXFP4]). The scale is
/// a number without sign of four exponent bits (bias 7) and three fraction bits; the top bit of its
/// byte is not looked at, but that 0x7F, which would be NaN, counts as zero.
///
/// Source: `block_nvfp4`, `dequantize_row_nvfp4` and `ggml_ue4m3_to_fp32` in ggml. A model's tensors of this format
/// also have a scale each, in a tensor of its own, which is not part of the format.
public record NVFP4() implements Format {
    /// Byte offset of the codes; the scales are at 0.
    public static final int QS = 4;

    @Override
    public GgmlType type() {
        return GgmlType.NVFP4;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        for (int run = 0; run < 4; run++) {
            float half = halfScale(Bits.u8(src, offset + run));
            for (int j = 0; j < 8; j++) {
                int pair = Bits.u8(src, offset + QS + run * 8L + j);
                dst[at + run * 16 + j] = MXFP4.twice(pair & 0xF) * half;
                dst[at + run * 16 + j + 8] = MXFP4.twice(pair >>> 4) * half;
            }
        }
    }

    /// {@return half the number that `bits` stand for: codes are taken twice, to be integers}
    public static float halfScale(int bits) {
        if (bits == 0x7F) {
            return 0;
        }
        int exponent = bits >>> 3 & 0xF;
        int fraction = bits & 7;
        return exponent == 0
                ? fraction * 0x1p-10f
                : (1 + fraction / 8f) * Math.scalb(1f, exponent - 8);
    }
}
