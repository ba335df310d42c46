package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q5_1: 32 weights in 24 bytes, 6 bits a weight
///
/// ```
/// byte 0    2    4             8                                             24
///      │ d  │ m  │ qh: 32 bits │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// [Q4_1] with a fifth bit: bit `j` of `qh` is bit 4 of `q[j]`, `qs` has the lower four.
/// `w[j] = d · q[j] + m`, with `d` and `m` f16 and `q` from 0 to 31.
///
/// Source: `block_q5_1` and `quantize_row_q5_1_ref` and
/// `quantize_row_q5_1_impl` in ggml; the latter's search is [ScaleMinSearch].
public record Q5_1() implements EncodableFormat {
    /// Byte offset of the smallest weight `m` in a block; the scale `d` is at 0.
    public static final int M = 2;

    /// Byte offset of the fifth bits.
    public static final int QH = 4;

    /// Byte offset of the lower four bits.
    public static final int QS = 8;

    private static final ScaleMinSearch SEARCH = ScaleMinSearch.important(32, 31);

    @Override
    public GgmlType type() {
        return GgmlType.Q5_1;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        float m = Bits.f16(src, offset + M);
        int fifths = Bits.i32(src, offset + QH);
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            int low = (pair & 0xF) | (fifths >>> j & 1) << 4;
            int high = pair >>> 4 | (fifths >>> (j + 16) & 1) << 4;
            dst[at + j] = low * d + m;
            dst[at + j + 16] = high * d + m;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 24) {
            encodeOne(src, at + i, dst, offset);
        }
    }

    private static void encodeOne(float[] src, int at, MemorySegment dst, long offset) {
        float min = src[at];
        float max = src[at];
        for (int j = 1; j < 32; j++) {
            min = Math.min(min, src[at + j]);
            max = Math.max(max, src[at + j]);
        }
        float d = (max - min) / 31;
        float inverse = Rounding.inverse(d);
        int fifths = 0;
        Bits.putF16(dst, offset, d);
        Bits.putF16(dst, offset + M, min);
        for (int j = 0; j < 16; j++) {
            int low = (int) ((src[at + j] - min) * inverse + 0.5f);
            int high = (int) ((src[at + j + 16] - min) * inverse + 0.5f);
            Bits.put8(dst, offset + QS + j, (low & 0xF) | (high & 0xF) << 4);
            fifths |= (low >>> 4 & 1) << j | (high >>> 4 & 1) << (j + 16);
        }
        Bits.putI32(dst, offset + QH, fifths);
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
        float[] mins = new float[count / 32];
        SEARCH.fit(src, at, w, scales.length, codes, scales, mins);
        for (int b = 0; b < scales.length; b++, offset += 24) {
            Bits.putF16(dst, offset, scales[b]);
            Bits.putF16(dst, offset + M, -mins[b]);
            Nibbles.pack(codes, b * 32, dst, offset + QS);
            Bits.putI32(dst, offset + QH, Nibbles.fifths(codes, b * 32));
        }
    }
}
