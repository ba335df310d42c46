package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q4_0: 32 weights in 18 bytes, 4.5 bits a weight
///
/// ```
/// byte 0    2                                             18
///      │ d  │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// `w[j] = d · (q[j] − 8)`, with `d` an f16 and `q` from 0 to 15.
///
/// Source: `block_q4_0` and `quantize_row_q4_0_ref` and
/// `quantize_row_q4_0_impl` in ggml; the latter's search is [ScaleSearch].
public record Q4_0() implements EncodableFormat {
    /// Byte offset of the codes in a block; the scale `d` is at 0.
    public static final int QS = 2;

    /// The code that stands for zero.
    public static final int ZERO = 8;

    private static final ScaleSearch SEARCH = new ScaleSearch(32, ZERO);

    @Override
    public GgmlType type() {
        return GgmlType.Q4_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            dst[at + j] = ((pair & 0xF) - ZERO) * d;
            dst[at + j + 16] = ((pair >>> 4) - ZERO) * d;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 18) {
            encodeOne(src, at + i, dst, offset);
        }
    }

    private static void encodeOne(float[] src, int at, MemorySegment dst, long offset) {
        float extreme = 0; // the weight farthest from zero, with its sign; the first of equals
        for (int j = 0; j < 32; j++) {
            if (Math.abs(src[at + j]) > Math.abs(extreme)) {
                extreme = src[at + j];
            }
        }
        float d = extreme / -ZERO; // so the extreme has q = 0: codes reach one step farther there
        float inverse = Rounding.inverse(d);
        Bits.putF16(dst, offset, d);
        for (int j = 0; j < 16; j++) {
            int low = code(src[at + j] * inverse);
            int high = code(src[at + j + 16] * inverse);
            Bits.put8(dst, offset + QS + j, low | high << 4);
        }
    }

    private static int code(float steps) {
        return Math.min((int) (steps + (ZERO + 0.5f)), 15);
    }

    @Override
    public void encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        float[] w = Importance.ofRow(importance, from, src, at, count);
        byte[] codes = new byte[count];
        float[] scales = new float[count / 32];
        SEARCH.fit(src, at, w, scales.length, codes, scales);
        for (int b = 0; b < scales.length; b++, offset += 18) {
            Bits.putF16(dst, offset, scales[b]);
            Nibbles.pack(codes, b * 32, dst, offset + QS);
        }
    }
}
