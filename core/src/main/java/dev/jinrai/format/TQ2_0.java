package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # TQ2_0: 256 weights in 66 bytes, 2.0625 bits a weight
///
/// ```
/// byte 0                            64  66
///      │ qs: two runs of 32 bytes   │ d │
/// ```
/// Made for weights −d, 0 or d. A run has 128 weights: weight `j + 32 i` is bits `2i` and `2i + 1` of its
/// byte `j`. `w = d · (q − 1)`, with `d` an f16.
///
/// Source: `block_tq2_0` and `dequantize_row_tq2_0` in ggml.
public record TQ2_0() implements Format {
    /// Byte offset of `d`; the codes are at 0.
    public static final int D = 64;

    @Override
    public GgmlType type() {
        return GgmlType.TQ2_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        for (int run = 0; run < 2; run++) {
            for (int j = 0; j < 32; j++) {
                int codes = Bits.u8(src, offset + run * 32L + j);
                for (int i = 0; i < 4; i++) {
                    dst[at + run * 128 + i * 32 + j] = ((codes >>> (2 * i) & 3) - 1) * d;
                }
            }
        }
    }
}
