package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ2_S: 256 weights in 82 bytes, 2.5625 bits a weight
///
/// ```
/// byte 0   2              34                66            74                 82
///      │ d │ qs: 32 bytes │ signs: 32 bytes │ qh: 8 bytes │ scales: 8 bytes  │
/// ```
/// Run `r` has eight weights: the entry of [Codebook#IQ2_S] whose number has its lower eight bits in
/// `qs[r]` and its upper two in bits `2 (r % 4)` and up of `qh[r / 4]`, with the signs `signs[r]`. Two
/// runs share a scale of four bits; the lower half of a byte of `scales` comes first.
/// `w = d · (scale + ½) / 4 · ±element`, with `d` an f16.
///
/// Source: `block_iq2_s` and `dequantize_row_iq2_s` in ggml.
public record IQ2_S() implements Format {
    /// Byte offset of the entries' lower bits; `d` is at 0.
    public static final int QS = 2;

    /// Byte offset of the signs.
    public static final int SIGNS = 34;

    /// Byte offset of the entries' upper bits.
    public static final int QH = 66;

    /// Byte offset of the scales.
    public static final int SCALES = 74;

    @Override
    public GgmlType type() {
        return GgmlType.IQ2_S;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int run = 0; run < 32; run++) {
            int high = Bits.u8(src, offset + QH + run / 4) >>> (run % 4 * 2) & 3;
            int scale = Bits.u8(src, offset + SCALES + run / 4) >>> (run / 2 % 2 * 4) & 0xF;
            Codebook.IQ2_S.decode(
                    Bits.u8(src, offset + QS + run) | high << 8,
                    Bits.u8(src, offset + SIGNS + run),
                    d * (0.5f + scale) * 0.25f,
                    dst,
                    at + run * 8);
        }
    }
}
