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

    private static final LevelSearch SEARCH = new LevelSearch();

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

    /// Codes are chosen for the scale before it is rounded to f16.
    @Override
    public void encodeBlock(float[] src, int at, MemorySegment dst, long offset) {
        float[] importance = new float[32];
        for (int j = 0; j < 32; j++) {
            importance[j] = src[at + j] * src[at + j];
        }
        float d = SEARCH.fit(src, at, importance);
        float inverse = d == 0 ? 0 : 1 / d;
        Bits.putF16(dst, offset, d);
        for (int j = 0; j < 16; j++) {
            int low = LevelSearch.nearest(inverse * src[at + j]);
            int high = LevelSearch.nearest(inverse * src[at + j + 16]);
            Bits.put8(dst, offset + QS + j, low | high << 4);
        }
    }
}
