package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q8_0: 32 weights in 34 bytes, 8.5 bits a weight
///
/// ```
/// byte 0    2                                  34
///      │ d  │ qs: 32 signed bytes, q[0] … q[31] │
/// ```
/// `w[j] = d · q[j]`, with `d` an f16.
///
/// Source: `block_q8_0` and `quantize_row_q8_0_ref` in ggml.
public record Q8_0() implements EncodableFormat {
    /// Byte offset of the codes in a block; the scale `d` is at 0.
    public static final int QS = 2;

    @Override
    public GgmlType type() {
        return GgmlType.Q8_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int j = 0; j < 32; j++) {
            dst[at + j] = Bits.i8(src, offset + QS + j) * d;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 34) {
            encodeOne(src, at + i, dst, offset);
        }
    }

    private static void encodeOne(float[] src, int at, MemorySegment dst, long offset) {
        float largest = 0;
        for (int j = 0; j < 32; j++) {
            largest = Math.max(largest, Math.abs(src[at + j]));
        }
        float d = largest / 127;
        float inverse = Rounding.inverse(d);
        Bits.putF16(dst, offset, d);
        for (int j = 0; j < 32; j++) {
            Bits.put8(dst, offset + QS + j, Rounding.halfAway(src[at + j] * inverse));
        }
    }
}
