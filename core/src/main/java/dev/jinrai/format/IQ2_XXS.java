package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ2_XXS: 256 weights in 66 bytes, 2.0625 bits a weight
///
/// ```
/// byte 0   2                            66
///      │ d │ eight sub-blocks of 8 bytes │     sub-block:  │ 4 entries │ 32 bits, little endian │
///                                           of the latter: bits 7i … 7i+6 signs of run i · 28 … 31 scale
/// ```
/// A sub-block has 32 weights, in four runs of eight; each run is an entry of [Codebook#IQ2_XXS],
/// numbered by a byte, with seven signs of which the eighth follows ([Codebook#evenSigns]).
/// `w = d · (scale + ½) / 4 · ±element`, with `d` an f16.
///
/// Source: `block_iq2_xxs` and `dequantize_row_iq2_xxs` in ggml.
public record IQ2_XXS() implements Format {
    /// Byte offset of the sub-blocks; `d` is at 0.
    public static final int QS = 2;

    @Override
    public GgmlType type() {
        return GgmlType.IQ2_XXS;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int sub = 0; sub < 8; sub++) {
            long entries = offset + QS + sub * 8L;
            int signs = Bits.i32(src, entries + 4);
            float scale = d * (0.5f + (signs >>> 28)) * 0.25f;
            for (int run = 0; run < 4; run++) {
                Codebook.IQ2_XXS.decode(
                        Bits.u8(src, entries + run),
                        Codebook.evenSigns(signs >>> (7 * run) & 0x7F),
                        scale,
                        dst,
                        at + sub * 32 + run * 8);
            }
        }
    }
}
