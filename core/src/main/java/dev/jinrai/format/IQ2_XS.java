package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ2_XS: 256 weights in 74 bytes, 2.3125 bits a weight
///
/// ```
/// byte 0   2                          66                 74
///      │ d │ qs: 32 runs of 16 bits    │ scales: 8 bytes  │     run:  bits 0 … 8 entry · 9 … 15 signs
/// ```
/// A run has eight weights: an entry of [Codebook#IQ2_XS] with seven signs, of which the eighth
/// follows ([Codebook#evenSigns]). Two runs share a scale of four bits; the lower half of a byte of
/// `scales` comes first. `w = d · (scale + ½) / 4 · ±element`, with `d` an f16.
///
/// Source: `block_iq2_xs` and `dequantize_row_iq2_xs` in ggml.
public record IQ2_XS() implements Format {
    /// Byte offset of the runs; `d` is at 0.
    public static final int QS = 2;

    /// Byte offset of the scales.
    public static final int SCALES = 66;

    @Override
    public GgmlType type() {
        return GgmlType.IQ2_XS;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int run = 0; run < 32; run++) {
            int q = Bits.i16(src, offset + QS + run * 2L);
            int scale = Bits.u8(src, offset + SCALES + run / 4) >>> (run / 2 % 2 * 4) & 0xF;
            Codebook.IQ2_XS.decode(
                    q & 0x1FF,
                    Codebook.evenSigns(q >>> 9 & 0x7F),
                    d * (0.5f + scale) * 0.25f,
                    dst,
                    at + run * 8);
        }
    }
}
