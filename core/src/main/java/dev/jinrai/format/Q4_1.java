package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q4_1: 32 weights in 20 bytes, 5 bits a weight
///
/// ```
/// byte 0    2    4                                             20
///      │ d  │ m  │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// `w[j] = d · q[j] + m`, with `d` and `m` f16 and `q` from 0 to 15.
///
/// Source: `block_q4_1` and `quantize_row_q4_1_ref` and
/// `quantize_row_q4_1_impl` in ggml; the latter's search is [ScaleMinSearch].
public record Q4_1() implements EncodableFormat {
    /// Byte offset of the smallest weight `m` in a block; the scale `d` is at 0.
    public static final int M = 2;

    /// Byte offset of the codes.
    public static final int QS = 4;

    private static final ScaleMinSearch SEARCH = ScaleMinSearch.important(32, 15);

    @Override
    public GgmlType type() {
        return GgmlType.Q4_1;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        float m = Bits.f16(src, offset + M);
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            dst[at + j] = (pair & 0xF) * d + m;
            dst[at + j + 16] = (pair >>> 4) * d + m;
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += 32, offset += 20) {
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
        float d = (max - min) / 15;
        float inverse = Rounding.inverse(d);
        Bits.putF16(dst, offset, d);
        Bits.putF16(dst, offset + M, min);
        for (int j = 0; j < 16; j++) {
            int low = code((src[at + j] - min) * inverse);
            int high = code((src[at + j + 16] - min) * inverse);
            Bits.put8(dst, offset + QS + j, low | high << 4);
        }
    }

    private static int code(float steps) {
        return Math.min((int) (steps + 0.5f), 15);
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
        for (int b = 0; b < scales.length; b++, offset += 20) {
            Bits.putF16(dst, offset, scales[b]);
            Bits.putF16(dst, offset + M, -mins[b]);
            Nibbles.pack(codes, b * 32, dst, offset + QS);
        }
    }
}
