package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.load;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;

/// The scales and minima of a row of Q4_K or Q5_K blocks ([dev.jinrai.format.KScales]), brought to
/// f32 eight at a time.
final class KScaleRows {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
    private static final int SIX_BITS = 0x3F3F3F3F;
    private static final int FOUR_BITS = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private KScaleRows() {}

    /// {@return where [#decode] puts the shifts of a row of `subs` sub-blocks: behind the scales, and
    /// behind what their last register stores beyond them}
    static int shifts(int subs) {
        return RowPass.SCALES + subs + 8;
    }

    /// For sub-block `s` of the row: `d · scale` to `dst[SCALES + s]`, `−dmin · min` to
    /// `dst[shifts(subs) + s]`.
    static void decode(MemorySegment src, long offset, int blocks, int blockBytes, float[] dst) {
        int shifts = shifts(8 * blocks);
        for (int block = 0; block < blocks; block++) {
            long at = offset + (long) block * blockBytes;
            float d = RowKernel.f16(src, at);
            float dmin = -RowKernel.f16(src, at + 2);
            int a = src.get(INT, at + 4);
            int b = src.get(INT, at + 8);
            int c = src.get(INT, at + 12);
            long scales = pair(a & SIX_BITS, (c & FOUR_BITS) | (a >>> 2 & UPPER_TWO));
            long mins = pair(b & SIX_BITS, (c >>> 4 & FOUR_BITS) | (b >>> 2 & UPPER_TWO));
            eight(dst, RowPass.SCALES + block * 8, d, scales);
            eight(dst, shifts + block * 8, dmin, mins);
        }
    }

    /// Puts `shift · sum` of all sub-blocks, summed lane by lane, into the lanes of `scratch`: what the
    /// shift of a sub-block adds to a product is the shift times the sum of its inputs.
    static void multiplyShifts(
            MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch) {
        int subs = count / 32;
        int shifts = shifts(subs);
        FloatVector sum = FloatVector.zero(FLOATS);
        int s = 0;
        for (; s <= subs - COUNT; s += COUNT) {
            sum = load(scratch, shifts + s).fma(load(sums, s), sum);
        }
        sum.intoArray(scratch, 0);
        for (; s < subs; s++) {
            scratch[0] = Math.fma(scratch[shifts + s], sums[s], scratch[0]);
        }
    }

    private static long pair(int low, int high) {
        return low | (long) high << 32; // neither is negative
    }

    /// `dst[at + i] = factor · byte i`; up to eight values beyond them are overwritten.
    private static void eight(float[] dst, int at, float factor, long bytes) {
        if (COUNT == 16) {
            ((FloatVector)
                            LongVector.broadcast(LongVector.SPECIES_128, bytes)
                                    .reinterpretAsBytes()
                                    .castShape(FLOATS, 0))
                    .mul(factor)
                    .intoArray(dst, at);
        } else {
            for (int i = 0; i < 8; i++) {
                dst[at + i] = factor * (bytes >>> (8 * i) & 0xFF);
            }
        }
    }
}
