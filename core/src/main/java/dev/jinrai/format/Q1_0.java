package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q1_0: 128 weights in 18 bytes, 1.125 bits a weight
///
/// ```
/// byte 0   2              18
///      │ d │ qs: 16 bytes │
/// ```
/// Bit `j % 8` of `qs[j / 8]` is set where weight `j` is `d`; where not, it is `−d`. `d` is an f16.
///
/// Source: `block_q1_0` and `dequantize_row_q1_0` in ggml.
public record Q1_0() implements Format {
    /// Byte offset of the signs; `d` is at 0.
    public static final int QS = 2;

    @Override
    public GgmlType type() {
        return GgmlType.Q1_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int j = 0; j < 128; j++) {
            int bit = Bits.u8(src, offset + QS + j / 8) >>> (j % 8) & 1;
            dst[at + j] = bit == 1 ? d : -d;
        }
    }
}
