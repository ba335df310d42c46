package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # MXFP4: 32 weights in 17 bytes, 4.25 bits a weight
///
/// ```
/// byte 0   1                                             17
///      │ e │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// A code is a number of its own, E2M1: a sign, two bits of exponent and one of fraction, which makes
/// 0, ½, 1, 1½, 2, 3, 4, 6 and their negatives. `w[j] = 2^(e − 127) · number(q[j])`.
///
/// Source: the OCP Microscaling Formats (MX) Specification 1.0; `block_mxfp4` and
/// `quantize_row_mxfp4_ref` in ggml.
public record MXFP4() implements EncodableFormat {
    /// Byte offset of the codes in a block; the exponent is at 0.
    public static final int QS = 1;

    /// Twice what the codes stand for: whole numbers, times half the scale.
    private static final byte[] TWICE = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

    @Override
    public GgmlType type() {
        return GgmlType.MXFP4;
    }

    /// {@return twice the number that code `q`, 0 to 15, stands for}
    public static int twice(int q) {
        return TWICE[q];
    }

    /// {@return `2^(e − 128)`, half the scale that exponent `e`, 0 to 255, stands for}
    public static float halfScale(int e) {
        return Float.intBitsToFloat(e < 2 ? 0x20_0000 << e : (e - 1) << 23); // subnormals first
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float half = halfScale(Bits.u8(src, offset));
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            dst[at + j] = TWICE[pair & 0xF] * half;
            dst[at + j + 16] = TWICE[pair >>> 4] * half;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 17) {
            encodeOne(src, at + i, dst, offset);
        }
    }

    /// The exponent puts the largest weight between 4 and 8, so that it becomes 4 or 6.
    private static void encodeOne(float[] src, int at, MemorySegment dst, long offset) {
        float largest = 0;
        for (int j = 0; j < 32; j++) {
            largest = Math.max(largest, Math.abs(src[at + j]));
        }
        int e = largest > 0 ? (Rounding.floorLog2(largest) - 2 + 127) & 0xFF : 0;
        float half = halfScale(e);
        Bits.put8(dst, offset, e);
        for (int j = 0; j < 16; j++) {
            int low = nearest(src[at + j], half);
            int high = nearest(src[at + j + 16], half);
            Bits.put8(dst, offset + QS + j, low | high << 4);
        }
    }

    /// The nearest code, the smaller one of two, so that nothing becomes −0: as many as there are middles
    /// between numbers that `x` is beyond.
    private static int nearest(float x, float half) {
        float size = Math.abs(x);
        int code = size > 0.5f * half ? 1 : 0;
        code += size > 1.5f * half ? 1 : 0;
        code += size > 2.5f * half ? 1 : 0;
        code += size > 3.5f * half ? 1 : 0;
        code += size > 5 * half ? 1 : 0;
        code += size > 7 * half ? 1 : 0;
        code += size > 10 * half ? 1 : 0;
        return x < 0 && code > 0 ? code + 8 : code;
    }
}
