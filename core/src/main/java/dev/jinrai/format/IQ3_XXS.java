package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ3_XXS: 256 weights in 98 bytes, 3.0625 bits a weight
///
/// ```
/// byte 0   2              66                                   98
///      │ d │ qs: 64 bytes │ eight times 32 bits, little endian │
///                            bits 7i … 7i+6 signs of eight weights · 28 … 31 scale
/// ```
/// A sub-block has 32 weights: eight entries of four, of [Codebook#IQ3_XXS], each numbered by a byte
/// of `qs`; two of them share seven signs, of which the eighth follows ([Codebook#evenSigns]).
/// `w = d · (scale + ½) / 2 · ±element`, with `d` an f16.
///
/// Source: `block_iq3_xxs` and `dequantize_row_iq3_xxs` in ggml.
public record IQ3_XXS() implements Format {
    /// Byte offset of the entries; `d` is at 0.
    public static final int QS = 2;

    /// Byte offset of scales and signs.
    public static final int SIGNS = 66;

    @Override
    public GgmlType type() {
        return GgmlType.IQ3_XXS;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int sub = 0; sub < 8; sub++) {
            int bits = Bits.i32(src, offset + SIGNS + sub * 4L);
            float scale = d * (0.5f + (bits >>> 28)) * 0.5f;
            for (int run = 0; run < 4; run++) {
                int signs = Codebook.evenSigns(bits >>> (7 * run) & 0x7F);
                long entries = offset + QS + sub * 8L + run * 2L;
                int to = at + sub * 32 + run * 8;
                Codebook.IQ3_XXS.decode(Bits.u8(src, entries), signs, scale, dst, to);
                Codebook.IQ3_XXS.decode(Bits.u8(src, entries + 1), signs >>> 4, scale, dst, to + 4);
            }
        }
    }
}
