package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ3_S: 256 weights in 110 bytes, 3.4375 bits a weight
///
/// ```
/// byte 0   2              66            74                106                110
///      │ d │ qs: 64 bytes │ qh: 8 bytes │ signs: 32 bytes │ scales: 4 bytes  │
/// ```
/// Run `r` has four weights: the entry of [Codebook#IQ3_S] whose number has its lower eight bits in
/// `qs[r]` and the ninth in bit `r % 8` of `qh[r / 8]`, with the signs in half `r % 2` of
/// `signs[r / 2]`, the lower one first. Eight runs share a scale of four bits, the lower half of a
/// byte of `scales` first. `w = d · (2 · scale + 1) · ±element`, with `d` an f16.
///
/// Source: `block_iq3_s` and `dequantize_row_iq3_s` in ggml.
public record IQ3_S() implements Format {
    /// Byte offset of the entries' lower bits; `d` is at 0.
    public static final int QS = 2;

    /// Byte offset of the entries' ninth bits.
    public static final int QH = 66;

    /// Byte offset of the signs.
    public static final int SIGNS = 74;

    /// Byte offset of the scales.
    public static final int SCALES = 106;

    @Override
    public GgmlType type() {
        return GgmlType.IQ3_S;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int run = 0; run < 64; run++) {
            int ninth = Bits.u8(src, offset + QH + run / 8) >>> (run % 8) & 1;
            int scale = Bits.u8(src, offset + SCALES + run / 16) >>> (run / 8 % 2 * 4) & 0xF;
            Codebook.IQ3_S.decode(
                    Bits.u8(src, offset + QS + run) | ninth << 8,
                    Bits.u8(src, offset + SIGNS + run / 2) >>> (run % 2 * 4),
                    d * (1 + 2 * scale),
                    dst,
                    at + run * 4);
        }
    }
}
