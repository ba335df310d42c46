package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q6_K;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q6_K]: lower four and upper two bits apart, a scale for every 16.
final class Q6_KKernel implements RowKernel {
    private static final int BYTES = 210;

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        // Byte i of the lower bits holds weights of runs g (0 or 1) and g + 2 of its half block.
        for (int i = 0; i < count / 2; i += COUNT) {
            int half = i >> 6; // of 128 weights, counted through the row
            int g = i >> 5 & 1;
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (i & 127));
            IntVector highs =
                    bytes(src, block + Q6_K.QH + ((half & 1) << 5) + j).lanewise(LSHR, g << 1);
            int at = (half << 7) + (g << 5) + j;
            int s = at >> 4;
            floats(lows.and(0xF).or(highs.and(3).lanewise(LSHL, 4)).sub(Q6_K.ZERO))
                    .mul(splat(scratch[s]))
                    .intoArray(dst, at);
            floats(lows.lanewise(LSHR, 4).or(highs.and(0x30)).sub(Q6_K.ZERO))
                    .mul(splat(scratch[s + 4]))
                    .intoArray(dst, at + 64);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = low;
        for (int i = 0; i < count / 2; i += COUNT) {
            int half = i >> 6; // of 128 weights, counted through the row
            int g = i >> 5 & 1;
            int j = i & 31;
            long block = offset + (long) (half >> 1) * BYTES;
            IntVector lows = bytes(src, block + (i & 127));
            IntVector highs =
                    bytes(src, block + Q6_K.QH + ((half & 1) << 5) + j).lanewise(LSHR, g << 1);
            int at = (half << 7) + (g << 5) + j;
            int s = at >> 4;
            low =
                    floats(lows.and(0xF).or(highs.and(3).lanewise(LSHL, 4)).sub(Q6_K.ZERO))
                            .mul(FloatVector.fromArray(FLOATS, x, at))
                            .fma(splat(scratch[s]), low);
            high =
                    floats(lows.lanewise(LSHR, 4).or(highs.and(0x30)).sub(Q6_K.ZERO))
                            .mul(FloatVector.fromArray(FLOATS, x, at + 64))
                            .fma(splat(scratch[s + 4]), high);
        }
        return Lanes.sum(low.add(high));
    }

    private static void scales(MemorySegment src, long offset, int count, float[] scratch) {
        for (int block = 0; block < count / 256; block++) {
            long at = offset + (long) block * BYTES;
            float d = RowKernel.f16(src, at + Q6_K.D);
            for (int s = 0; s < 16; s++) {
                scratch[block * 16 + s] = d * src.get(ValueLayout.JAVA_BYTE, at + Q6_K.SCALES + s);
            }
        }
    }
}
