package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # TQ1_0: 256 weights in 54 bytes, 1.6875 bits a weight
///
/// ```
/// byte 0              32             48           52  54
///      │ qs: 32 bytes │ qs: 16 bytes │ qh: 4 bytes │ d │
/// ```
/// Weights are −d, 0 or d. Five of them are the digits of a number to base 3, of which a byte holds the
/// fraction of 256: multiplied by 3, what runs over into the ninth bit and beyond is the next digit.
/// The first digits of the first 32 bytes are weights 0 to 31, the second ones weights 32 to 63, and so
/// on to 159; those of the next 16 are weights 160 to 239, and the last 16 are the first four digits of
/// `qh`. `w = d · (digit − 1)`, with `d` an f16.
///
/// Source: `block_tq1_0` and `dequantize_row_tq1_0` in ggml.
public record TQ1_0() implements Format {
    /// Byte offset of `d`; the digits are at 0.
    public static final int D = 52;

    @Override
    public GgmlType type() {
        return GgmlType.TQ1_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset + D);
        digits(src, offset, 32, 5, d, dst, at);
        digits(src, offset + 32, 16, 5, d, dst, at + 160);
        digits(src, offset + 48, 4, 4, d, dst, at + 240);
    }

    private static void digits(
            MemorySegment src, long from, int bytes, int digits, float d, float[] dst, int at) {
        for (int j = 0; j < bytes; j++) {
            int rest = Bits.u8(src, from + j);
            for (int i = 0; i < digits; i++) {
                rest *= 3;
                dst[at + i * bytes + j] = ((rest >>> 8) - 1) * d;
                rest &= 0xFF;
            }
        }
    }
}
