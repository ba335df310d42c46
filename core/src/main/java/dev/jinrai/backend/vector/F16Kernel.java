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
final class F16Kernel implements RowKernel {
    private static final float REBIAS = 0x1p112f;
    private static final int INFINITY = 0x7C00 << 13;

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            load(src, offset + 2L * i).intoArray(dst, i);
        }
        for (; i < count; i++) {
            dst[i] = RowKernel.f16(src, offset + 2L * i);
        }
    }

    @Override
    public float dot(
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
        float sum = Lanes.sum(even.add(odd));
        for (; i < count; i++) {
            sum = Math.fma(RowKernel.f16(src, offset + 2L * i), x[i], sum);
        }
        return sum;
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
