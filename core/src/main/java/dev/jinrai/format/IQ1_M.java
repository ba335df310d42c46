package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # IQ1_M: 256 weights in 56 bytes, 1.75 bits a weight
///
/// ```
/// byte 0              32             48                        56
///      │ qs: 32 bytes │ qh: 16 bytes │ scales: 4 times 16 bits │
/// ```
/// Run `r` has eight weights: the entry of [Codebook#IQ1_S] whose number has its lower eight bits in
/// `qs[r]` and its upper three in half `r % 2` of `qh[r / 2]`, the lower one first; the half's top bit
/// is set where the elements are moved down. Two runs share a scale of three bits, of which 16 bits
/// of `scales` have four, from the lowest on; the upper four bits of each are a fourth of the f16 `d`,
/// its lowest first. `w = d · (2 · scale + 1) · (element ± ⅛)`.
///
/// Source: `block_iq1_m` and `dequantize_row_iq1_m` in ggml.
public record IQ1_M() implements Format {
    /// Byte offset of the entries' upper bits and the signs of the deltas; the lower bits are at 0.
    public static final int QH = 32;

    /// Byte offset of the scales and `d`.
    public static final int SCALES = 48;

    @Override
    public GgmlType type() {
        return GgmlType.IQ1_M;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        float d = d(src, offset + SCALES);
        for (int run = 0; run < 32; run++) {
            int pair = run / 2;
            int high = Bits.u8(src, offset + QH + pair) >>> (run % 2 * 4);
            int scale = Bits.i16(src, offset + SCALES + pair / 4 * 2L) >>> (pair % 4 * 3) & 7;
            Codebook.IQ1_S.decode(
                    Bits.u8(src, offset + run) | (high & 7) << 8,
                    (high & 8) == 0 ? IQ1_S.DELTA : -IQ1_S.DELTA,
                    d * (2 * scale + 1),
                    dst,
                    at + run * 8);
        }
    }

    private static float d(MemorySegment src, long scales) {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
            bits |= (Bits.i16(src, scales + i * 2L) >>> 12 & 0xF) << (4 * i);
        }
        return Float.float16ToFloat((short) bits);
    }
}
