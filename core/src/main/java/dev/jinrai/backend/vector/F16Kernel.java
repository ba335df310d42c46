package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static jdk.incubator.vector.VectorOperators.OR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [dev.jinrai.format.F16]: [Halves#floats].
record F16Kernel() implements DotKernel {
    @Override
    public void decode(MemorySegment src, long offset, int count, float[] dst, int to) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            load(src, offset + 2L * i).intoArray(dst, to + i);
        }
        for (; i < count; i++) {
            dst[to + i] = one(src, offset + 2L * i);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, int count, float[] x, int from, float[] lanes) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        IntVector overflow = IntVector.zero(INTS);
        int i = 0;
        for (; i <= count - 2 * COUNT; i += 2 * COUNT) {
            IntVector a = Halves.placed(src, offset + 2L * i);
            IntVector b = Halves.placed(src, offset + 2L * (i + COUNT));
            overflow = overflow.or(Halves.overflow(a)).or(Halves.overflow(b));
            even = Halves.finite(a).fma(Lanes.load(x, from + i), even);
            odd = Halves.finite(b).fma(Lanes.load(x, from + i + COUNT), odd);
        }
        if (overflow.and(Halves.OVERFLOW).reduceLanes(OR) != 0) {
            return dotOfAny(src, offset, count, x, from);
        }
        even.add(odd).intoArray(lanes, 0);
        float sum = Registers.sum(lanes);
        for (; i < count; i++) {
            sum = Math.fma(one(src, offset + 2L * i), x[from + i], sum);
        }
        return sum;
    }

    /// The product of a row that has infinite values or NaN: it is one of these too, whatever the order of additions.
    private static float dotOfAny(MemorySegment src, long offset, int count, float[] x, int from) {
        float sum = 0;
        for (int i = 0; i < count; i++) {
            sum = Math.fma(one(src, offset + 2L * i), x[from + i], sum);
        }
        return sum;
    }

    private static FloatVector load(MemorySegment src, long offset) {
        return Halves.floats(Halves.load(src, offset));
    }

    private static float one(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(SHORT, offset));
    }
}
