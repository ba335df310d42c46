package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q6_K;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q6_K]: lower four and upper two bits apart, a scale for every 16.
///
/// The four runs of a half block are done two by two, because shifts by a constant are cheap and those by
/// a variable are not, and because all four together are too much for one method ([RowPass]).
final class Q6_KKernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(
                            Q6_KKernel::scales, Q6_KKernel::decodeFirst, Q6_KKernel::decodeSecond),
                    RowKernel.passes(
                            Q6_KKernel::scales,
                            Q6_KKernel::multiplyFirst,
                            Q6_KKernel::multiplySecond));

    private static final int BYTES = 210;

    /// The first and third of the four runs of each half block.
    private static void decodeFirst(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        for (int i = 0; i < count / 4; i += COUNT) {
            int half = i >> 5; // of 128 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (((half & 1) << 6) + j));
            IntVector highs = bytes(src, block + (Q6_K.QH + ((half & 1) << 5) + j));
            int at = (half << 7) + j;
            int s = RowPass.SCALES + (at >> 4);
            weights(lows.and(0xF), highs.and(3).lanewise(LSHL, 4))
                    .mul(splat(scratch[s]))
                    .intoArray(dst, at);
            weights(lows.lanewise(LSHR, 4), highs.and(0x30))
                    .mul(splat(scratch[s + 4]))
                    .intoArray(dst, at + 64);
        }
    }

    /// The second and last of the four runs of each half block.
    private static void decodeSecond(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        for (int i = 0; i < count / 4; i += COUNT) {
            int half = i >> 5; // of 128 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (((half & 1) << 6) + j + 32));
            IntVector highs = bytes(src, block + (Q6_K.QH + ((half & 1) << 5) + j));
            int at = (half << 7) + j + 32;
            int s = RowPass.SCALES + (at >> 4);
            weights(lows.and(0xF), highs.and(0xC).lanewise(LSHL, 2))
                    .mul(splat(scratch[s]))
                    .intoArray(dst, at);
            weights(lows.lanewise(LSHR, 4), highs.lanewise(LSHR, 2).and(0x30))
                    .mul(splat(scratch[s + 4]))
                    .intoArray(dst, at + 64);
        }
    }

    /// The first and third of the four runs of each half block.
    private static void multiplyFirst(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = FloatVector.zero(FLOATS);
        for (int i = 0; i < count / 4; i += COUNT) {
            int half = i >> 5; // of 128 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (((half & 1) << 6) + j));
            IntVector highs = bytes(src, block + (Q6_K.QH + ((half & 1) << 5) + j));
            int at = (half << 7) + j;
            int s = RowPass.SCALES + (at >> 4);
            low =
                    weights(lows.and(0xF), highs.and(3).lanewise(LSHL, 4))
                            .mul(load(x, at))
                            .fma(splat(scratch[s]), low);
            high =
                    weights(lows.lanewise(LSHR, 4), highs.and(0x30))
                            .mul(load(x, at + 64))
                            .fma(splat(scratch[s + 4]), high);
        }
        low.add(high).intoArray(scratch, 0);
    }

    /// The second and last of the four runs of each half block.
    private static void multiplySecond(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector low = load(scratch, 0);
        FloatVector high = FloatVector.zero(FLOATS);
        for (int i = 0; i < count / 4; i += COUNT) {
            int half = i >> 5; // of 128 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (((half & 1) << 6) + j + 32));
            IntVector highs = bytes(src, block + (Q6_K.QH + ((half & 1) << 5) + j));
            int at = (half << 7) + j + 32;
            int s = RowPass.SCALES + (at >> 4);
            low =
                    weights(lows.and(0xF), highs.and(0xC).lanewise(LSHL, 2))
                            .mul(load(x, at))
                            .fma(splat(scratch[s]), low);
            high =
                    weights(lows.lanewise(LSHR, 4), highs.lanewise(LSHR, 2).and(0x30))
                            .mul(load(x, at + 64))
                            .fma(splat(scratch[s + 4]), high);
        }
        low.add(high).intoArray(scratch, 0);
    }

    /// {@return the codes of these lower and upper bits, less the one that stands for zero}
    private static FloatVector weights(IntVector lower, IntVector upper) {
        return floats(lower.or(upper).sub(Q6_K.ZERO));
    }

    private static void scales(
            MemorySegment src,
            long offset,
            float[] values,
            float[] sums,
            int count,
            float[] scratch) {
        for (int block = 0; block < count / 256; block++) {
            long at = offset + (long) block * BYTES;
            float d = RowKernel.f16(src, at + Q6_K.D);
            for (int s = 0; s < 16; s++) {
                scratch[RowPass.SCALES + block * 16 + s] =
                        d * src.get(ValueLayout.JAVA_BYTE, at + Q6_K.SCALES + s);
            }
        }
    }
}
