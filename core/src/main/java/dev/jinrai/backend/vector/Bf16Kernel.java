package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [dev.jinrai.format.BF16]: sixteen zero bits appended.
final class Bf16Kernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(Bf16Kernel::decode), RowKernel.passes(Bf16Kernel::multiply));

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            load(src, offset + 2L * i).intoArray(dst, i);
        }
        for (; i < count; i++) {
            dst[i] = bf16(src, offset + 2L * i);
        }
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int i = 0;
        for (; i <= count - 2 * COUNT; i += 2 * COUNT) {
            even = load(src, offset + 2L * i).fma(FloatVector.fromArray(FLOATS, x, i), even);
            odd =
                    load(src, offset + 2L * (i + COUNT))
                            .fma(FloatVector.fromArray(FLOATS, x, i + COUNT), odd);
        }
        even.add(odd).intoArray(scratch, 0);
        for (; i < count; i++) {
            scratch[0] = Math.fma(bf16(src, offset + 2L * i), x[i], scratch[0]);
        }
    }

    private static FloatVector load(MemorySegment src, long offset) {
        return Halves.load(src, offset).lanewise(LSHL, 16).reinterpretAsFloats();
    }

    private static float bf16(MemorySegment src, long offset) {
        return Float.intBitsToFloat(RowKernel.bits(src, offset) << 16);
    }
}
