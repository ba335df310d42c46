package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/// [dev.jinrai.format.F32]: nothing to decode.
record F32Kernel() implements DotKernel {
    @Override
    public void decode(MemorySegment src, long offset, int count, float[] dst, int to) {
        int i = 0;
        for (; i <= count - COUNT; i += COUNT) {
            load(src, offset + 4L * i).intoArray(dst, to + i);
        }
        for (; i < count; i++) {
            dst[to + i] = one(src, offset + 4L * i);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, int count, float[] x, int from, float[] lanes) {
        FloatVector even = FloatVector.zero(FLOATS);
        FloatVector odd = even;
        int i = 0;
        for (; i <= count - 2 * COUNT; i += 2 * COUNT) {
            even = load(src, offset + 4L * i).fma(Lanes.load(x, from + i), even);
            odd = load(src, offset + 4L * (i + COUNT)).fma(Lanes.load(x, from + i + COUNT), odd);
        }
        even.add(odd).intoArray(lanes, 0);
        float sum = Registers.sum(lanes);
        for (; i < count; i++) {
            sum = Math.fma(one(src, offset + 4L * i), x[from + i], sum);
        }
        return sum;
    }

    private static FloatVector load(MemorySegment src, long offset) {
        return FloatVector.fromMemorySegment(FLOATS, src, offset, LITTLE_ENDIAN);
    }

    private static float one(MemorySegment src, long offset) {
        return src.get(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN), offset);
    }
}
