package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q4_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q4_0]: sixteen bytes of two codes, a scale for every 32.
final class Q4_0Kernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(Q4_0Kernel::scales, Q4_0Kernel::decode),
                    RowKernel.passes(Q4_0Kernel::scales, Q4_0Kernel::multiply));

    private static final int BYTES = 18;

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        for (int i = 0; i < count / 2; i += COUNT) {
            int block = i >> 4;
            int j = i & 15;
            IntVector pairs = bytes(src, offset + (long) block * BYTES + Q4_0.QS + j);
            FloatVector d = splat(scratch[RowPass.SCALES + block]);
            int at = (block << 5) + j;
            floats(pairs.and(0xF).sub(Q4_0.ZERO)).mul(d).intoArray(dst, at);
            floats(pairs.lanewise(LSHR, 4).sub(Q4_0.ZERO)).mul(d).intoArray(dst, at + 16);
        }
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int i = 0; i < count / 2; i += COUNT) {
            int block = i >> 4;
            IntVector pairs = bytes(src, offset + (Q4_0.QS + i + (block << 1)));
            int at = (block << 5) + (i & 15);
            sum =
                    floats(pairs.lanewise(LSHR, 4).sub(Q4_0.ZERO))
                            .fma(
                                    load(x, at + 16),
                                    floats(pairs.and(0xF).sub(Q4_0.ZERO)).mul(load(x, at)))
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
