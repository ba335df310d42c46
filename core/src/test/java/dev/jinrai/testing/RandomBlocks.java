package dev.jinrai.testing;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.jinrai.format.Format;
import dev.jinrai.format.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Blocks of formats that nothing encodes: any bytes, with scales that keep weights below 3.
final class RandomBlocks {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private RandomBlocks() {}

    /// Fills `count` weights from byte `offset` on.
    static void fill(
            Format format, MemorySegment dst, long offset, int count, SplittableRandom random) {
        for (long at = offset; at < offset + format.byteSize(count); at += format.blockBytes()) {
            byte[] bytes = new byte[format.blockBytes()];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, dst, ValueLayout.JAVA_BYTE, at, bytes.length);
            scale(format.type(), dst, at, random);
        }
    }

    private static void scale(GgmlType type, MemorySegment dst, long at, SplittableRandom random) {
        double sign = random.nextBoolean() ? 1 : -1;
        short d = half(sign * random.nextDouble(1, 3) / largest(type));
        switch (type) {
            case TQ1_0 -> dst.set(SHORT, at + 52, d);
            case TQ2_0 -> dst.set(SHORT, at + 64, d);
            case IQ1_M -> {
                for (int i = 0; i < 4; i++) {
                    int scales = dst.get(SHORT, at + 48 + 2L * i) & 0xFFF;
                    dst.set(SHORT, at + 48 + 2L * i, (short) (scales | d >>> (4 * i) << 12));
                }
            }
            case NVFP4 -> {
                for (int i = 0; i < 4; i++) {
                    dst.set(ValueLayout.JAVA_BYTE, at + i, (byte) random.nextInt(0x20, 0x30));
                }
            }
            case Q8_K ->
                    dst.set(
                            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN),
                            at,
                            Float.float16ToFloat(d));
            default -> dst.set(SHORT, at, d);
        }
    }

    /// {@return the largest weight of a block whose scale is 1}
    private static double largest(GgmlType type) {
        return switch (type) {
            case IQ1_S, IQ1_M -> 15 * 1.125;
            case IQ2_XXS, IQ2_XS, IQ2_S -> 15.5 / 4 * 43;
            case IQ3_XXS -> 15.5 / 2 * 62;
            case IQ3_S -> 31 * 15;
            case IQ4_XS -> 32 * 127;
            case Q8_K -> 128;
            case Q2_0 -> 2;
            case TQ1_0, Q1_0 -> 1;
            case TQ2_0 -> 2;
            case NVFP4 -> 6;
            default -> throw new IllegalArgumentException(type + " has an encoder");
        };
    }

    private static short half(double value) {
        return Float.floatToFloat16((float) value);
    }
}
