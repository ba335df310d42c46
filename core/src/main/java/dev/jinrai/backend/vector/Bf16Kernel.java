package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [dev.jinrai.format.BF16]: sixteen zero bits appended.
record Bf16Kernel() implements DotKernel {
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
        int i = 0;
        for (; i <= count - 2 * COUNT; i += 2 * COUNT) {
            even = load(src, offset + 2L * i).fma(Lanes.load(x, from + i), even);
            odd = load(src, offset + 2L * (i + COUNT)).fma(Lanes.load(x, from + i + COUNT), odd);
        }
        even.add(odd).intoArray(lanes, 0);
        float sum = Registers.sum(lanes);
        for (; i < count; i++) {
            sum = Math.fma(one(src, offset + 2L * i), x[from + i], sum);
        }
        return sum;
    }

    private static FloatVector load(MemorySegment src, long offset) {
        return Halves.load(src, offset).lanewise(LSHL, 16).reinterpretAsFloats();
    }

    private static float one(MemorySegment src, long offset) {
        return Float.intBitsToFloat(src.get(SHORT, offset) << 16);
    }
}
