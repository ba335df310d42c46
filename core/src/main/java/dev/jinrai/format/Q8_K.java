package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q8_K: 256 weights in 292 bytes, 9.125 bits a weight
///
/// ```
/// byte 0    4                                        260                       292
///      │ d  │ qs: 256 signed bytes, q[0] … q[255]    │ bsums: 16 times 16 bits │
/// ```
/// What ggml rounds a token to before it multiplies it with the K formats: no model is stored so. `w[j] = d · q[j]`, with `d` an
/// f32; `bsums` are sums of sixteen codes, which decode to nothing.
///
/// Source: `block_q8_K` and `dequantize_row_q8_K` in ggml.
public record Q8_K() implements Format {
    /// Byte offset of the codes; `d` is at 0.
    public static final int QS = 4;

    @Override
    public GgmlType type() {
        return GgmlType.Q8_K;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f32(src, offset);
        for (int j = 0; j < 256; j++) {
            dst[at + j] = d * Bits.i8(src, offset + QS + j);
        }
    }
}
