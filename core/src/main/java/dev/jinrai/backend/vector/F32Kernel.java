package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/// [dev.jinrai.format.F32]: nothing to decode.
final class F32Kernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(F32Kernel::decode), RowKernel.passes(F32Kernel::multiply));

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        MemorySegment.copy(src, FLOAT, offset, dst, 0, count);
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int i = 0;
        for (; i <= count - 2 * COUNT; i += 2 * COUNT) {
            even = load(src, offset + 4L * i).fma(FloatVector.fromArray(FLOATS, x, i), even);
            odd =
                    load(src, offset + 4L * (i + COUNT))
                            .fma(FloatVector.fromArray(FLOATS, x, i + COUNT), odd);
        }
        even.add(odd).intoArray(scratch, 0);
        for (; i < count; i++) {
            scratch[0] = Math.fma(src.get(FLOAT, offset + 4L * i), x[i], scratch[0]);
        }
    }

    private static FloatVector load(MemorySegment src, long offset) {
        return FloatVector.fromMemorySegment(FLOATS, src, offset, LITTLE_ENDIAN);
    }
}
