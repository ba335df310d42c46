package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [dev.jinrai.format.F16]: shifts exponent and fraction into place and multiplies by 2¹¹², the
/// difference of the exponents' biases. Subnormals come out right; infinities and NaNs get their
/// exponent after.
final class F16Kernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(F16Kernel::decode), RowKernel.passes(F16Kernel::multiply));

    private static final float REBIAS = 0x1p112f;
    private static final int INFINITY = 0x7C00 << 13;

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            load(src, offset + 2L * i).intoArray(dst, i);
        }
        for (; i < count; i++) {
            dst[i] = RowKernel.f16(src, offset + 2L * i);
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
            scratch[0] = Math.fma(RowKernel.f16(src, offset + 2L * i), x[i], scratch[0]);
        }
    }

    private static FloatVector load(MemorySegment src, long offset) {
        IntVector half = Halves.load(src, offset);
        IntVector magnitude = half.and(0x7FFF).lanewise(LSHL, 13);
        IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
        return scaled.blend(scaled.or(0x7F800000), magnitude.compare(GE, INFINITY))
                .or(half.and(0x8000).lanewise(LSHL, 16))
                .reinterpretAsFloats();
    }
}
