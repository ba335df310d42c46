package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q2_0: 64 weights in 18 bytes, 2.25 bits a weight
///
/// ```
/// byte 0   2              18
///      │ d │ qs: 16 bytes │
/// ```
/// Weight `j` is bits `2 (j % 4)` and up of `qs[j / 4]`: `w = d · (q − 1)`, with `d` an f16.
///
/// Source: `block_q2_0` and `dequantize_row_q2_0` in ggml.
public record Q2_0() implements Format {
    /// Byte offset of the codes; `d` is at 0.
    public static final int QS = 2;

    @Override
    public GgmlType type() {
        return GgmlType.Q2_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int j = 0; j < 64; j++) {
            int q = Bits.u8(src, offset + QS + j / 4) >>> (j % 4 * 2) & 3;
            dst[at + j] = (q - 1) * d;
        }
    }
}
