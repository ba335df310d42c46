package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # F16: one weight in 2 bytes
///
/// IEEE 754 half precision, little endian: 1 sign, 5 exponent and 10 fraction bits. Every half has
/// an exact f32, so decoding loses nothing; encoding rounds to nearest, ties to even.
public record F16() implements EncodableFormat {
    @Override
    public GgmlType type() {
        return GgmlType.F16;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Bits.f16(src, offset);
    }

    /// Without a call for each weight: a JVM that has seen many formats would not inline it.
    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at, int count) {
        for (int i = 0; i < count; i++) {
            dst[at + i] = Bits.f16(src, offset + 2L * i);
        }
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i++) {
            Bits.putF16(dst, offset + 2L * i, src[at + i]);
        }
    }
}
