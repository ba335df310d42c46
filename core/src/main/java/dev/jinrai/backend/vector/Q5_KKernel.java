package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q5_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q5_K]: 128 bytes of two times four bits, 32 bytes of fifth bits, a scale and a shift for every 32.
final class Q5_KKernel implements RowKernel {
    private static final int BYTES = 176;

    @Override
    public void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch) {
        KScaleRows.decode(src, offset, count / 256, BYTES, scratch);
        int shifts = KScaleRows.shifts(count / 32);
        for (int i = 0; i < count / 2; i += COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (i >> 7) * BYTES;
            IntVector pairs = bytes(src, block + Q5_K.QS + (i & 127));
            // Two of the eight fifth bits belong to this run: to bits 0 and 1.
            IntVector fifths = bytes(src, block + Q5_K.QH + j).lanewise(LSHR, (run & 3) << 1);
            int at = (run << 6) + j;
            int s = run << 1;
            floats(pairs.and(0xF).or(fifths.and(1).lanewise(LSHL, 4)))
                    .fma(splat(scratch[s]), splat(scratch[shifts + s]))
                    .intoArray(dst, at);
            floats(pairs.lanewise(LSHR, 4).or(fifths.and(2).lanewise(LSHL, 3)))
                    .fma(splat(scratch[s + 1]), splat(scratch[shifts + s + 1]))
                    .intoArray(dst, at + 32);
        }
    }

    @Override
    public float dot(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        KScaleRows.decode(src, offset, count / 256, BYTES, scratch);
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = low;
        for (int i = 0; i < count / 2; i += COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (i >> 7) * BYTES;
            IntVector pairs = bytes(src, block + Q5_K.QS + (i & 127));
            IntVector fifths = bytes(src, block + Q5_K.QH + j).lanewise(LSHR, (run & 3) << 1);
            int at = (run << 6) + j;
            int s = run << 1;
            low =
                    floats(pairs.and(0xF).or(fifths.and(1).lanewise(LSHL, 4)))
                            .mul(FloatVector.fromArray(FLOATS, x, at))
                            .fma(splat(scratch[s]), low);
            high =
                    floats(pairs.lanewise(LSHR, 4).or(fifths.and(2).lanewise(LSHL, 3)))
                            .mul(FloatVector.fromArray(FLOATS, x, at + 32))
                            .fma(splat(scratch[s + 1]), high);
        }
        // The shifts of a sub-block multiply the sum of its inputs.
        int subs = count / 32;
        return Lanes.sum(low.add(high)) + Dot.dot(scratch, KScaleRows.shifts(subs), sums, 0, subs);
    }
}
