package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ1_S: 256 weights in 50 bytes, 1.5625 bits a weight
///
/// ```
/// byte 0   2              34                     50
///      │ d │ qs: 32 bytes │ qh: 8 times 16 bits  │     qh:  bits 3i … 3i+2 of entry i · 12 … 14 scale · 15 sign of delta
/// ```
/// Each 16 bits of `qh` belong to 32 weights, in four runs of eight; a run is the entry of
/// [Codebook#IQ1_S] whose number has its lower eight bits in `qs` and its upper three in `qh`.
/// `w = d · (2 · scale + 1) · (element ± ⅛)`, with `d` an f16.
///
/// Source: `block_iq1_s` and `dequantize_row_iq1_s` in ggml.
public record IQ1_S() implements Format {
    /// Byte offset of the entries' lower bits; `d` is at 0.
    public static final int QS = 2;

    /// Byte offset of the entries' upper bits, scales and signs.
    public static final int QH = 34;

    /// What every element is moved by, up or down.
    public static final float DELTA = 0.125f;

    @Override
    public GgmlType type() {
        return GgmlType.IQ1_S;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = Bits.f16(src, offset);
        for (int sub = 0; sub < 8; sub++) {
            int high = Bits.i16(src, offset + QH + sub * 2L);
            float scale = d * (2 * (high >>> 12 & 7) + 1);
            float delta = (high & 0x8000) == 0 ? DELTA : -DELTA;
            for (int run = 0; run < 4; run++) {
                int low = Bits.u8(src, offset + QS + sub * 4L + run);
                int entry = low | (high >>> (3 * run) & 7) << 8;
                Codebook.IQ1_S.decode(entry, delta, scale, dst, at + sub * 32 + run * 8);
            }
        }
    }
}
