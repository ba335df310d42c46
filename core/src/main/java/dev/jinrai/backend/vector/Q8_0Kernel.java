package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedBytes;
import static dev.jinrai.backend.vector.Lanes.splat;

import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [Q8_0]: signed bytes, a scale for every 32.
final class Q8_0Kernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(Q8_0Kernel::scales, Q8_0Kernel::decode),
                    RowKernel.passes(Q8_0Kernel::scales, Q8_0Kernel::multiply));

    private static final int BYTES = 34;

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        for (int i = 0; i < count; i += COUNT) {
            int block = i >> 5;
            long at = offset + (long) block * BYTES + Q8_0.QS + (i & 31);
            floats(signedBytes(src, at))
                    .mul(splat(scratch[RowPass.SCALES + block]))
                    .intoArray(dst, i);
        }
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector sum = FloatVector.zero(FLOATS);
        // Two registers of codes a step: they share their scale.
        for (int i = 0; i < count; i += 2 * COUNT) {
            int block = i >> 5;
            long codes = offset + (Q8_0.QS + i + (block << 1));
            sum =
                    floats(signedBytes(src, codes + COUNT))
                            .fma(
                                    load(x, i + COUNT),
                                    floats(signedBytes(src, codes)).mul(load(x, i)))
                            .fma(splat(scratch[RowPass.SCALES + block]), sum);
        }
        sum.intoArray(scratch, 0);
    }

    private static void scales(
            MemorySegment src,
            long offset,
            float[] values,
            float[] sums,
            int count,
            float[] scratch) {
        RowKernel.scales(src, offset, count / 32, BYTES, scratch);
    }
}
