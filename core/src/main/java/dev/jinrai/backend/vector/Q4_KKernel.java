package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q4_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q4_K]: 128 bytes of two codes, a scale and a shift for every 32.
final class Q4_KKernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(Q4_KKernel::scales, Q4_KKernel::decode),
                    RowKernel.passes(
                            Q4_KKernel::scales, KScaleRows::multiplyShifts, Q4_KKernel::multiply));

    private static final int BYTES = 144;

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        int shifts = KScaleRows.shifts(count / 32);
        for (int i = 0; i < count / 2; i += COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            IntVector pairs = bytes(src, offset + (long) (i >> 7) * BYTES + Q4_K.QS + (i & 127));
            int at = (run << 6) + (i & 31);
            int s = RowPass.SCALES + (run << 1);
            floats(pairs.and(0xF))
                    .fma(splat(scratch[s]), splat(scratch[shifts + (run << 1)]))
                    .intoArray(dst, at);
            floats(pairs.lanewise(LSHR, 4))
                    .fma(splat(scratch[s + 1]), splat(scratch[shifts + (run << 1) + 1]))
                    .intoArray(dst, at + 32);
        }
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector low = load(scratch, 0);
        FloatVector high = FloatVector.zero(FLOATS);
        // Two registers of codes a step: they share their scales.
        for (int i = 0; i < count / 2; i += 2 * COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            long codes = offset + (Q4_K.QS + i + ((i >> 7) << 4));
            int at = (run << 6) + (i & 31);
            IntVector even = bytes(src, codes);
            IntVector odd = bytes(src, codes + COUNT);
            low =
                    floats(odd.and(0xF))
                            .fma(load(x, at + COUNT), floats(even.and(0xF)).mul(load(x, at)))
                            .fma(splat(scratch[RowPass.SCALES + 2 * run]), low);
            high =
                    floats(odd.lanewise(LSHR, 4))
                            .fma(
                                    load(x, at + COUNT + 32),
                                    floats(even.lanewise(LSHR, 4)).mul(load(x, at + 32)))
                            .fma(splat(scratch[RowPass.SCALES + 2 * run + 1]), high);
        }
        low.add(high).intoArray(scratch, 0);
    }

    private static void scales(
            MemorySegment src,
            long offset,
            float[] values,
            float[] sums,
            int count,
            float[] scratch) {
        KScaleRows.decode(src, offset, count / 256, BYTES, scratch);
    }
}
