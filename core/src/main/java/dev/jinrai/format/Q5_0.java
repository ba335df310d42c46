package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q5_0: 32 weights in 22 bytes, 5.5 bits a weight
///
/// ```
/// byte 0    2             6                                             22
///      │ d  │ qh: 32 bits │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// [Q4_0] with a fifth bit: bit `j` of `qh` is bit 4 of `q[j]`, `qs` has the lower four.
/// `w[j] = d · (q[j] − 16)`, with `d` an f16 and `q` from 0 to 31.
///
/// Source: `block_q5_0` and `quantize_row_q5_0_ref` and
/// `quantize_row_q5_0_impl` in ggml; the latter's search is [ScaleSearch].
public record Q5_0() implements EncodableFormat {
    /// Byte offset of the fifth bits in a block; the scale `d` is at 0.
    public static final int QH = 2;

    /// Byte offset of the lower four bits.
    public static final int QS = 6;

    /// The code that stands for zero.
    public static final int ZERO = 16;

    private static final ScaleSearch SEARCH = new ScaleSearch(32, ZERO);

    @Override
    public GgmlType type() {
        return GgmlType.Q5_0;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        int fifths = Bits.i32(src, offset + QH);
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            int low = (pair & 0xF) | (fifths >>> j & 1) << 4;
            int high = pair >>> 4 | (fifths >>> (j + 16) & 1) << 4;
            dst[at + j] = (low - ZERO) * d;
            dst[at + j + 16] = (high - ZERO) * d;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 22) {
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
        int fifths = 0;
        Bits.putF16(dst, offset, d);
        for (int j = 0; j < 16; j++) {
            int low = code(src[at + j] * inverse);
            int high = code(src[at + j + 16] * inverse);
            Bits.put8(dst, offset + QS + j, (low & 0xF) | (high & 0xF) << 4);
            fifths |= low >>> 4 << j | high >>> 4 << (j + 16);
        }
        Bits.putI32(dst, offset + QH, fifths);
    }

    private static int code(float steps) {
        return Math.min((int) (steps + (ZERO + 0.5f)), 31);
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
        for (int b = 0; b < scales.length; b++, offset += 22) {
            Bits.putF16(dst, offset, scales[b]);
            Nibbles.pack(codes, b * 32, dst, offset + QS);
            Bits.putI32(dst, offset + QH, Nibbles.fifths(codes, b * 32));
        }
    }
}
