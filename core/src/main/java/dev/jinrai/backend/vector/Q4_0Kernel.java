package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q4_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q4_0]: sixteen bytes of two codes, a scale for every 32.
final class Q4_0Kernel implements RowKernel {
    private static final int BYTES = 18;

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        for (int i = 0; i < count / 2; i += COUNT) {
            int block = i >> 4;
            int j = i & 15;
            IntVector pairs = bytes(src, offset + (long) block * BYTES + Q4_0.QS + j);
            FloatVector d = splat(scratch[block]);
            int at = (block << 5) + j;
            floats(pairs.and(0xF).sub(Q4_0.ZERO)).mul(d).intoArray(dst, at);
            floats(pairs.lanewise(LSHR, 4).sub(Q4_0.ZERO)).mul(d).intoArray(dst, at + 16);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = low;
        for (int i = 0; i < count / 2; i += COUNT) {
            int block = i >> 4;
            int j = i & 15;
            IntVector pairs = bytes(src, offset + (long) block * BYTES + Q4_0.QS + j);
            FloatVector d = splat(scratch[block]);
            int at = (block << 5) + j;
            low =
                    floats(pairs.and(0xF).sub(Q4_0.ZERO))
                            .mul(FloatVector.fromArray(FLOATS, x, at))
                            .fma(d, low);
            high =
                    floats(pairs.lanewise(LSHR, 4).sub(Q4_0.ZERO))
                            .mul(FloatVector.fromArray(FLOATS, x, at + 16))
                            .fma(d, high);
        }
        return Lanes.sum(low.add(high));
    }

    private static void scales(MemorySegment src, long offset, int count, float[] scratch) {
        for (int block = 0; block < count / 32; block++) {
            scratch[block] = RowKernel.f16(src, offset + (long) block * BYTES);
        }
    }
}
