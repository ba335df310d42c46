package dev.jinrai.format;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The little-endian fields blocks are made of, at any byte offset.
final class Bits {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private Bits() {}

    /// The IEEE 754 half at byte `offset`, subnormals and infinities included.
    static float f16(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(SHORT, offset));
    }

    static short i16(MemorySegment src, long offset) {
        return src.get(SHORT, offset);
    }

    static int i32(MemorySegment src, long offset) {
        return src.get(INT, offset);
    }

    static float f32(MemorySegment src, long offset) {
        return src.get(FLOAT, offset);
    }

    static void f32s(MemorySegment src, long offset, float[] dst, int at, int count) {
        MemorySegment.copy(src, FLOAT, offset, dst, at, count);
    }

    static byte i8(MemorySegment src, long offset) {
        return src.get(ValueLayout.JAVA_BYTE, offset);
    }

    static int u8(MemorySegment src, long offset) {
        return src.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /// Stores the half nearest to `value`, ties to even; from 65520 on that is infinity. A NaN keeps
    /// its sign and becomes the quiet NaN without payload, as in ggml's `ggml_compute_fp32_to_fp16`.
    static void putF16(MemorySegment dst, long offset, float value) {
        int sign = Float.floatToRawIntBits(value) >>> 16 & 0x8000;
        putI16(dst, offset, Float.isNaN(value) ? sign | 0x7E00 : Float.floatToFloat16(value));
    }

    static void putI16(MemorySegment dst, long offset, int value) {
        dst.set(SHORT, offset, (short) value);
    }

    static void putI32(MemorySegment dst, long offset, int value) {
        dst.set(INT, offset, value);
    }

    static void putF32(MemorySegment dst, long offset, float value) {
        dst.set(FLOAT, offset, value);
    }

    static void putF32s(float[] src, int at, MemorySegment dst, long offset, int count) {
        MemorySegment.copy(src, at, dst, FLOAT, offset, count);
    }

    static void put8(MemorySegment dst, long offset, int value) {
        dst.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }
}
