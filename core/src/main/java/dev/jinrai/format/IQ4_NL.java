package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ4_NL: 32 weights in 18 bytes, 4.5 bits a weight
///
/// ```
/// byte 0    2                                             18
///      │ d  │ qs: 16 bytes, qs[j] = q[j] | q[j + 16] << 4 │
/// ```
/// `w[j] = d · LEVELS[q[j]]`, with `d` an f16: [Q4_0] whose sixteen levels are not a step apart but
/// lie denser around zero, where most weights are.
///
/// Source: `block_iq4_nl`, `kvalues_iq4nl` and `quantize_iq4_nl` in ggml; the latter's search is in
/// [LevelSearch].
public record IQ4_NL() implements EncodableFormat {
    /// Byte offset of the codes in a block; the scale `d` is at 0.
    public static final int QS = 2;

    /// What the codes stand for.
    private static final byte[] LEVELS = {
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
    };

    @Override
    public GgmlType type() {
        return GgmlType.IQ4_NL;
    }

    /// {@return what code `q`, 0 to 15, is multiplied with}
    public static int level(int q) {
        return LEVELS[q];
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int j = 0; j < 16; j++) {
            int pair = Bits.u8(src, offset + QS + j);
            dst[at + j] = d * LEVELS[pair & 0xF];
            dst[at + j + 16] = d * LEVELS[pair >>> 4];
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        float[] w = new float[count];
        Importance.squares(src, at, count, w);
        encodeWeighted(src, at, w, dst, offset, count);
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
        float[] w = new float[count];
        for (int i = 0; i < count; i += 32) {
            float mean = Importance.sumOfSquares(src, at + i, 32) * (2f / 32);
            Importance.weigh(importance, from + i, mean, src, at + i, 32, w, i);
        }
        encodeWeighted(src, at, w, dst, offset, count);
    }

    /// Codes are chosen for the scale before it is rounded to f16.
    private static void encodeWeighted(
            float[] src, int at, float[] w, MemorySegment dst, long offset, int count) {
        float[] scales = new float[count / 32];
        LevelSearch.fit(src, at, w, scales.length, scales);
        for (int b = 0; b < scales.length; b++, offset += 18) {
            Bits.putF16(dst, offset, scales[b]);
            pack(src, at + b * 32, scales[b], dst, offset + QS);
        }
    }

    /// Writes the codes of 32 weights whose levels are nearest with this scale.
    static void pack(float[] src, int at, float scale, MemorySegment dst, long offset) {
        float inverse = scale == 0 ? 0 : 1 / scale;
        for (int j = 0; j < 16; j++) {
            int low = LevelSearch.nearest(inverse * src[at + j]);
            int high = LevelSearch.nearest(inverse * src[at + j + 16]);
            Bits.put8(dst, offset + j, low | high << 4);
        }
    }
}
