package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.signedBytes;
import static dev.jinrai.backend.vector.Lanes.splat;

import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [Q8_0]: signed bytes, a scale for every 32.
final class Q8_0Kernel implements RowKernel {
    private static final int BYTES = 34;

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        for (int i = 0; i < count; i += COUNT) {
            int block = i >> 5;
            long at = offset + (long) block * BYTES + Q8_0.QS + (i & 31);
            floats(signedBytes(src, at)).mul(splat(scratch[block])).intoArray(dst, i);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        scales(src, offset, count, scratch);
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = 0; i < count; i += COUNT) {
            int block = i >> 5;
            long at = offset + (long) block * BYTES + Q8_0.QS + (i & 31);
            sum =
                    floats(signedBytes(src, at))
                            .mul(FloatVector.fromArray(FLOATS, x, i))
                            .fma(splat(scratch[block]), sum);
        }
        return Lanes.sum(sum);
    }

    private static void scales(MemorySegment src, long offset, int count, float[] scratch) {
        for (int block = 0; block < count / 32; block++) {
            scratch[block] = RowKernel.f16(src, offset + (long) block * BYTES);
        }
    }
}
