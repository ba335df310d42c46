package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// # F32: one weight in 4 bytes
///
/// IEEE 754 single precision, little endian. Norms, biases and routers are stored so even in
/// quantized files.
public record F32() implements EncodableFormat {
    @Override
    public GgmlType type() {
        return GgmlType.F32;
    }

    @Override
    public void decodeBlock(MemorySegment src, long offset, float[] dst, int at) {
        dst[at] = Bits.f32(src, offset);
    }

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int at, int count) {
        Bits.f32s(src, offset, dst, at, count);
    }

    @Override
    public void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        Bits.putF32s(src, at, dst, offset, count);
    }
}
