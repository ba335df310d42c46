package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # Q4_K: 256 weights in 144 bytes, 4.5 bits a weight
///
/// ```
/// byte 0   2      4          16                                144
///      │ d │ dmin │ 12 bytes │ qs: four runs of 32 bytes       │
/// ```
/// Eight sub-blocks of 32 weights, each with a 6-bit scale `sc` and a 6-bit minimum `m` (packed as
/// [KScales] draws). Run `i` of `qs` holds sub-block `2i` in the low and `2i + 1` in the high halves
/// of its bytes. `w = d · sc · q − dmin · m`, with `d` and `dmin` f16 and `q` from 0 to 15.
///
/// Source: `block_q4_K` and `quantize_row_q4_K_ref` in ggml; the latter's searches are
/// in [KHeader].
public record Q4_K() implements EncodableFormat {
    /// Byte offset of `dmin` in a block; `d` is at 0.
    public static final int DMIN = 2;

    /// Byte offset of the packed scales and minima.
    public static final int SCALES = 4;

    /// Byte offset of the codes.
    public static final int QS = 16;

    // Intervals from 14 to 16 steps.
    private static final KHeader HEADER =
            new KHeader(144, new ScaleMinSearch(32, 15, -1f, 0.1f, 20, true));

    @Override
    public GgmlType type() {
        return GgmlType.Q4_K;
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
                dst[at + sub * 32 + j] = scale * (Bits.u8(src, run + j) >>> shift & 0xF) - min;
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
        for (int b = 0; b < codes.length / 256; b++, offset += 144) {
            for (int run = 0; run < 4; run++) {
                for (int j = 0; j < 32; j++) {
                    int q = b * 256 + run * 64 + j;
                    Bits.put8(dst, offset + QS + run * 32L + j, codes[q] | codes[q + 32] << 4);
                }
            }
        }
    }
}
