package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q5_K: 256 weights in 176 bytes, 5.5 bits a weight
///
/// ```
/// byte 0   2      4          16             48                                176
///      │ d │ dmin │ 12 bytes │ qh: 32 bytes │ qs: four runs of 32 bytes       │
/// ```
/// [Q4_K] with a fifth bit: bit `s` of `qh[j]` is bit 4 of weight `j` of sub-block `s`.
/// `w = d · sc · q − dmin · m`, with `q` from 0 to 31.
///
/// Source: `block_q5_K` and `quantize_row_q5_K_ref` in ggml; the latter's searches are
/// in [KHeader].
public record Q5_K() implements EncodableFormat {
    /// Byte offset of `dmin` in a block; `d` is at 0.
    public static final int DMIN = 2;

    /// Byte offset of the packed scales and minima ([KScales]).
    public static final int SCALES = 4;

    /// Byte offset of the fifth bits.
    public static final int QH = 16;

    /// Byte offset of the lower four bits.
    public static final int QS = 48;

    // Intervals from 30.5 to 32 steps.
    private static final KHeader HEADER =
            new KHeader(176, new ScaleMinSearch(32, 31, -0.5f, 0.1f, 15, true));

    @Override
    public GgmlType type() {
        return GgmlType.Q5_K;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        float dmin = Bits.f16(src, offset + DMIN);
        for (int sub = 0; sub < 8; sub++) {
            float scale = d * KScales.scale(src, offset + SCALES, sub);
            float min = dmin * KScales.min(src, offset + SCALES, sub);
            long run = offset + QS + sub / 2 * 32L;
            int shift = sub % 2 * 4;
            for (int j = 0; j < 32; j++) {
                int low = Bits.u8(src, run + j) >>> shift & 0xF;
                int fifth = Bits.u8(src, offset + QH + j) >>> sub & 1;
                dst[at + sub * 32 + j] = scale * (low | fifth << 4) - min;
            }
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        pack(HEADER.encode(src, at, dst, offset, count), dst, offset);
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
        pack(HEADER.encode(src, at, importance, from, dst, offset, count), dst, offset);
    }

    private static void pack(byte[] codes, MemorySegment dst, long offset) {
        for (int b = 0; b < codes.length / 256; b++, offset += 176) {
            for (int j = 0; j < 32; j++) {
                int fifths = 0;
                for (int sub = 0; sub < 8; sub++) {
                    fifths |= codes[b * 256 + sub * 32 + j] >>> 4 << sub;
                }
                Bits.put8(dst, offset + QH + j, fifths);
                for (int run = 0; run < 4; run++) {
                    int q = b * 256 + run * 64 + j;
                    int pair = (codes[q] & 0xF) | (codes[q + 32] & 0xF) << 4;
                    Bits.put8(dst, offset + QS + run * 32L + j, pair);
                }
            }
        }
    }
}
