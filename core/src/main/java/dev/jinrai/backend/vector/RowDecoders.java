package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.BYTES;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.RowDecoder.load;
import static dev.jinrai.backend.vector.RowDecoder.splat;
import static dev.jinrai.backend.vector.RowDecoder.store;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.KScales;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The [RowDecoder] of each format. Every format has one.
final class RowDecoders {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /// As many 16-bit values as there are floats in a register.
    private static final VectorSpecies<Short> HALVES =
            switch (COUNT) {
                case 16 -> ShortVector.SPECIES_256;
                case 8 -> ShortVector.SPECIES_128;
                default -> ShortVector.SPECIES_64;
            };

    private RowDecoders() {}

    static RowDecoder of(Format format) {
        return switch (format) {
            case F32 _ -> RowDecoders::f32;
            case F16 _ -> RowDecoders::f16;
            case BF16 _ -> RowDecoders::bf16;
            case Q4_0 _ -> RowDecoders::q4_0;
            case Q8_0 _ -> RowDecoders::q8_0;
            case Q4_K _ -> RowDecoders::q4_K;
            case Q5_K _ -> RowDecoders::q5_K;
            case Q6_K _ -> RowDecoders::q6_K;
        };
    }

    private static void f32(MemorySegment src, long offset, float[] dst, int count) {
        MemorySegment.copy(
                src,
                ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN),
                offset,
                dst,
                0,
                count);
    }

    /// Shifts the exponent and fraction into place and multiplies by 2¹¹², the difference of the
    /// exponents' biases; subnormals come out right, infinities and NaNs are put right after.
    private static void f16(MemorySegment src, long offset, float[] dst, int count) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            IntVector half = halves(src, offset + 2L * i);
            IntVector magnitude = half.and(0x7FFF).lanewise(LSHL, 13);
            IntVector scaled = magnitude.reinterpretAsFloats().mul(0x1p112f).reinterpretAsInts();
            IntVector finite =
                    scaled.blend(
                            scaled.or(0x7F800000),
                            magnitude.compare(VectorOperators.GE, 0x7C00 << 13));
            finite.or(half.and(0x8000).lanewise(LSHL, 16)).reinterpretAsFloats().intoArray(dst, i);
        }
        for (; i < count; i++) {
            dst[i] = Float.float16ToFloat(src.get(SHORT, offset + 2L * i));
        }
    }

    private static void bf16(MemorySegment src, long offset, float[] dst, int count) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            halves(src, offset + 2L * i).lanewise(LSHL, 16).reinterpretAsFloats().intoArray(dst, i);
        }
        for (; i < count; i++) {
            dst[i] = Float.intBitsToFloat(src.get(SHORT, offset + 2L * i) << 16);
        }
    }

    private static IntVector halves(MemorySegment src, long offset) {
        return (IntVector)
                ShortVector.fromMemorySegment(HALVES, src, offset, LITTLE_ENDIAN)
                        .castShape(INTS, 0);
    }

    private static void q8_0(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i += 32, offset += 34) {
            FloatVector d = splat(scale(src, offset));
            for (int j = 0; j < 32; j += BYTES.length()) {
                store(load(src, offset + Q8_0.QS + j), d, splat(0), dst, i + j);
            }
        }
    }

    private static void q4_0(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i += 32, offset += 18) {
            float d = scale(src, offset);
            FloatVector scale = splat(d);
            FloatVector shift = splat(-Q4_0.ZERO * d);
            for (int j = 0; j < 16; j += BYTES.length()) {
                ByteVector pair = load(src, offset + Q4_0.QS + j);
                store(pair.and((byte) 0xF), scale, shift, dst, i + j);
                store(pair.lanewise(LSHR, 4), scale, shift, dst, i + j + 16);
            }
        }
    }

    private static void q4_K(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i += 256, offset += 144) {
            float d = scale(src, offset);
            float dmin = scale(src, offset + Q4_K.DMIN);
            long scales = offset + Q4_K.SCALES;
            for (int sub = 0; sub < 8; sub += 2) {
                FloatVector lowScale = splat(d * KScales.scale(src, scales, sub));
                FloatVector lowShift = splat(-dmin * KScales.min(src, scales, sub));
                FloatVector highScale = splat(d * KScales.scale(src, scales, sub + 1));
                FloatVector highShift = splat(-dmin * KScales.min(src, scales, sub + 1));
                for (int j = 0; j < 32; j += BYTES.length()) {
                    ByteVector pair = load(src, offset + Q4_K.QS + sub * 16L + j);
                    int at = i + sub * 32 + j;
                    store(pair.and((byte) 0xF), lowScale, lowShift, dst, at);
                    store(pair.lanewise(LSHR, 4), highScale, highShift, dst, at + 32);
                }
            }
        }
    }

    private static void q5_K(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i += 256, offset += 176) {
            float d = scale(src, offset);
            float dmin = scale(src, offset + Q5_K.DMIN);
            long scales = offset + Q5_K.SCALES;
            for (int sub = 0; sub < 8; sub += 2) {
                FloatVector lowScale = splat(d * KScales.scale(src, scales, sub));
                FloatVector lowShift = splat(-dmin * KScales.min(src, scales, sub));
                FloatVector highScale = splat(d * KScales.scale(src, scales, sub + 1));
                FloatVector highShift = splat(-dmin * KScales.min(src, scales, sub + 1));
                for (int j = 0; j < 32; j += BYTES.length()) {
                    ByteVector pair = load(src, offset + Q5_K.QS + sub * 16L + j);
                    ByteVector fifth = load(src, offset + Q5_K.QH + j);
                    ByteVector low = fifth.lanewise(LSHR, sub).and((byte) 1);
                    ByteVector high = fifth.lanewise(LSHR, sub + 1).and((byte) 1);
                    int at = i + sub * 32 + j;
                    store(
                            pair.and((byte) 0xF).or(low.lanewise(LSHL, 4)),
                            lowScale,
                            lowShift,
                            dst,
                            at);
                    store(
                            pair.lanewise(LSHR, 4).or(high.lanewise(LSHL, 4)),
                            highScale,
                            highShift,
                            dst,
                            at + 32);
                }
            }
        }
    }

    private static void q6_K(MemorySegment src, long offset, float[] dst, int count) {
        for (int i = 0; i < count; i += 256, offset += 210) {
            float d = scale(src, offset + Q6_K.D);
            for (int half = 0; half < 2; half++) {
                for (int g = 0; g < 4; g++) {
                    long ql = offset + half * 64L + g % 2 * 32L;
                    long qh = offset + Q6_K.QH + half * 32L;
                    long scales = offset + Q6_K.SCALES + half * 8L + g * 2L;
                    int lowShift = g / 2 * 4;
                    int highShift = g * 2;
                    for (int j = 0; j < 32; j += BYTES.length()) {
                        ByteVector low = load(src, ql + j).lanewise(LSHR, lowShift).and((byte) 0xF);
                        ByteVector high = load(src, qh + j).lanewise(LSHR, highShift).and((byte) 3);
                        float scale = d * src.get(ValueLayout.JAVA_BYTE, scales + j / 16);
                        store(
                                low.or(high.lanewise(LSHL, 4)),
                                splat(scale),
                                splat(-Q6_K.ZERO * scale),
                                dst,
                                i + half * 128 + g * 32 + j);
                    }
                }
            }
        }
    }

    private static float scale(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(SHORT, offset));
    }
}
