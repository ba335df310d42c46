package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # BF16: one weight in 2 bytes
///
/// The upper half of an IEEE 754 single: 1 sign, 8 exponent and 7 fraction bits, little endian.
/// Decoding appends sixteen zero bits; encoding rounds to nearest, ties to even.
///
/// Source: `ggml_compute_fp32_to_bf16` in ggml.
public record BF16() implements EncodableFormat {
    @Override
    public GgmlType type() {
        return GgmlType.BF16;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Float.intBitsToFloat(Bits.i16(src, offset) << 16);
    }

    /// Without a call for each weight, as in [F16].
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at, int count) {
        for (int i = 0; i < count; i++) {
            dst[at + i] = Float.intBitsToFloat(Bits.i16(src, offset + 2L * i) << 16);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i++) {
            int bits = Float.floatToRawIntBits(src[at + i]);
            // The carry of the rounding may run into the exponent: that is the next power of two,
            // or
            // infinity. A NaN is cut, not rounded, and gets the bit that keeps it a (quiet) NaN.
            int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
            int upper = Float.isNaN(src[at + i]) ? bits >>> 16 | 0x40 : rounded >>> 16;
            Bits.putI16(dst, offset + 2L * i, upper);
        }
    }
}
