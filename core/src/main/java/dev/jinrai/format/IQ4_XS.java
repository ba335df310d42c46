package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ4_XS: 256 weights in 136 bytes, 4.25 bits a weight
///
/// ```
/// byte 0   2          4                   8                                136
///      │ d │ scales_h │ scales_l: 4 bytes │ qs: eight runs of 16 bytes     │
/// ```
/// Eight sub-blocks of 32 weights. Byte `j` of a run holds weight `j` in its lower and `j + 16` in its
/// upper half, as numbers of an entry of [IQ4_NL]'s table. The scale of sub-block `i` has six bits: the
/// lower four in half `i % 2` of `scales_l[i / 2]`, the upper two in bits `2i` and `2i + 1` of the 16 bits of
/// `scales_h`. `w = d · (scale − 32) · table[q]`, with `d` an f16.
///
/// Source: `block_iq4_xs`, `dequantize_row_iq4_xs` and `quantize_iq4_xs` in ggml; the latter's search is
/// [LevelSearch].
public record IQ4_XS() implements EncodableFormat {
    /// Byte offset of the upper bits of the scales; `d` is at 0.
    public static final int SCALES_H = 2;

    /// Byte offset of the lower bits of the scales.
    public static final int SCALES_L = 4;

    /// Byte offset of the codes.
    public static final int QS = 8;

    /// The scale that stands for zero.
    public static final int ZERO = 32;

    @Override
    public GgmlType type() {
        return GgmlType.IQ4_XS;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int sub = 0; sub < 8; sub++) {
            int low = Bits.u8(src, offset + SCALES_L + sub / 2) >>> (sub % 2 * 4) & 0xF;
            int high = Bits.i16(src, offset + SCALES_H) >>> (2 * sub) & 3;
            float scale = d * ((low | high << 4) - ZERO);
            for (int j = 0; j < 16; j++) {
                int pair = Bits.u8(src, offset + QS + sub * 16L + j);
                dst[at + sub * 32 + j] = scale * IQ4_NL.level(pair & 0xF);
                dst[at + sub * 32 + j + 16] = scale * IQ4_NL.level(pair >>> 4);
            }
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
        for (int i = 0; i < count; i += 256) {
            float mean = Importance.sumOfSquares(src, at + i, 256) * (2f / 256);
            Importance.weigh(importance, from + i, mean, src, at + i, 256, w, i);
        }
        encodeWeighted(src, at, w, dst, offset, count);
    }

    /// The largest of eight scales becomes −32 steps. Codes are chosen for the step before it is rounded
    /// to f16.
    private static void encodeWeighted(
            float[] src, int at, float[] w, MemorySegment dst, long offset, int count) {
        float[] scales = new float[count / 32];
        LevelSearch.fit(src, at, w, scales.length, scales);
        for (int b = 0; b < count / 256; b++, offset += 136) {
            float d = -ScaleSearch.extreme(scales, b * 8, 8) / ZERO;
            float inverse = d == 0 ? 0 : 1 / d;
            Bits.putF16(dst, offset, d);
            int lower = 0;
            int upper = 0;
            for (int sub = 0; sub < 8; sub++) {
                int q = Rounding.nearest(inverse * scales[b * 8 + sub]);
                int scale = Math.clamp(q, -ZERO, ZERO - 1);
                int run = b * 256 + sub * 32;
                IQ4_NL.pack(src, at + run, d * scale, dst, offset + QS + sub * 16L);
                lower |= (scale + ZERO & 0xF) << (4 * sub);
                upper |= (scale + ZERO) >>> 4 << (2 * sub);
            }
            Bits.putI16(dst, offset + SCALES_H, upper);
            Bits.putI32(dst, offset + SCALES_L, lower);
        }
    }
}
