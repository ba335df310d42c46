package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.NE;
import static jdk.incubator.vector.VectorOperators.OR;

import dev.jinrai.format.Q5_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [Q5_K]: 128 bytes of two times four bits, 32 bytes of fifth bits, a scale and a shift for every 32.
///
/// Fifth bits are compared, not shifted: which bit it is changes from run to run, and a shift by a
/// variable costs three times the rest of the step.
final class Q5_KKernel {
    static final RowKernel KERNEL =
            new RowKernel(
                    RowKernel.passes(Q5_KKernel::scales, Q5_KKernel::decode),
                    RowKernel.passes(
                            Q5_KKernel::scales, KScaleRows::multiplyShifts, Q5_KKernel::multiply));

    private static final int BYTES = 176;

    private static void decode(
            MemorySegment src, long offset, float[] dst, float[] sums, int count, float[] scratch) {
        int shifts = KScaleRows.shifts(count / 32);
        for (int i = 0; i < count / 2; i += COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (i >> 7) * BYTES;
            IntVector pairs = bytes(src, block + (Q5_K.QS + (i & 127)));
            IntVector fifths = bytes(src, block + (Q5_K.QH + j));
            int bit = 1 << ((run & 3) << 1); // of this run's first 32 weights; the next is the
            // others'
            int at = (run << 6) + j;
            int s = RowPass.SCALES + (run << 1);
            withFifth(pairs.and(0xF), fifths, bit)
                    .fma(splat(scratch[s]), splat(scratch[shifts + (run << 1)]))
                    .intoArray(dst, at);
            withFifth(pairs.lanewise(LSHR, 4), fifths, bit << 1)
                    .fma(splat(scratch[s + 1]), splat(scratch[shifts + (run << 1) + 1]))
                    .intoArray(dst, at + 32);
        }
    }

    private static void multiply(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        FloatVector low = load(scratch, 0);
        FloatVector high = FloatVector.zero(FLOATS);
        for (int i = 0; i < count / 2; i += COUNT) {
            int run = i >> 5; // of 64 weights, counted through the row
            int j = i & 31;
            long block = offset + (long) (i >> 7) * BYTES;
            IntVector pairs = bytes(src, block + (Q5_K.QS + (i & 127)));
            IntVector fifths = bytes(src, block + (Q5_K.QH + j));
            int bit = 1 << ((run & 3) << 1); // of this run's first 32 weights; the next is the
            // others'
            int at = (run << 6) + j;
            low =
                    withFifth(pairs.and(0xF), fifths, bit)
                            .mul(load(x, at))
                            .fma(splat(scratch[RowPass.SCALES + 2 * run]), low);
            high =
                    withFifth(pairs.lanewise(LSHR, 4), fifths, bit << 1)
                            .mul(load(x, at + 32))
                            .fma(splat(scratch[RowPass.SCALES + 2 * run + 1]), high);
        }
        low.add(high).intoArray(scratch, 0);
    }

    /// {@return `codes`, and 16 more where `bit` of `fifths` is set}
    private static FloatVector withFifth(IntVector codes, IntVector fifths, int bit) {
        return floats(codes.lanewise(OR, 16, fifths.and(bit).compare(NE, 0)));
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
