package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.util.function.IntUnaryOperator;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Codes of four bits that stand for sixteen levels of no regular distance, in blocks of 32 with two codes a byte: IQ4_NL, IQ4_XS, MXFP4.
///
/// Levels are bytes, which lie in a register, and the codes choose from it.
final class LevelProduct {
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final short LOW_BYTE = 0xFF;

    private LevelProduct() {}

    /// {@return the levels of codes 0 to 15, over and over: as many bytes as a register has}
    static byte[] table(IntUnaryOperator level) {
        byte[] levels = new byte[4 * COUNT];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) level.applyAsInt(i % 16);
        }
        return levels;
    }

    /// {@return the level of the code in each byte}
    private static IntVector choose(IntVector codes, ByteVector levels) {
        return codes.reinterpretAsBytes().selectFrom(levels).reinterpretAsInts();
    }

    /// Brings the levels of a chunk's codes to bytes.
    ///
    /// @param runs how many runs of 32 are at hand
    static void codes(MemorySegment src, int runs, byte[] table, PanelScratch scratch) {
        ByteVector levels = ByteVector.fromArray(Lanes.BYTES, table, 0);
        byte[] codes = scratch.codes;
        for (int run = 0; run < runs; run++) {
            long from = scratch.at(1) + 16L * run * ROWS;
            int to = 32 * run * ROWS;
            for (int i = 0; i < 16 * ROWS; i += 4 * COUNT) {
                IntVector v = ints(src, from + i);
                store(choose(v.and(LOW_FOUR), levels), codes, to + i);
                store(choose(v.lanewise(LSHR, 4).and(LOW_FOUR), levels), codes, to + 16 * ROWS + i);
            }
        }
    }

    /// Levels of few bits, none negative, with a rounded token in sixteen-bit lanes, for [Panel#GROUP] rows: two sums for each run of 32, as
    /// [CodeProduct#nibbles] leaves them.
    ///
    /// @param r the first of the rows
    /// @param heads lines of scales for each run
    static void multiplyRounded(
            MemorySegment src, int r, int runs, int heads, byte[] table, PanelScratch scratch) {
        ByteVector levels = ByteVector.fromArray(Lanes.BYTES, table, 0);
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        int first = scratch.subBlock();
        int k = scratch.input;
        int to = r;
        long head = scratch.at(0) + r;
        long line = scratch.at(1) + r;
        for (int run = 0; run < runs; run++) {
            CodeProduct.copy(src, head, heads, stride, scratch.header, run * heads * ROWS + r);
            head += heads * stride;
            ShortVector a0 = IntegerTile.splat(starts[first + run]);
            ShortVector b0 = a0;
            ShortVector a1 = IntegerTile.splat((short) 0);
            ShortVector b1 = a1;
            for (long end = line + 16 * stride; line < end; line += stride) {
                IntVector v = ints(src, line);
                ShortVector w = choose(v.and(LOW_FOUR), levels).reinterpretAsShorts();
                ShortVector y = IntegerTile.splat(x[k]);
                a0 = a0.add(w.and(LOW_BYTE).mul(y));
                b0 = b0.add(w.lanewise(LSHR, 8).mul(y));
                w = choose(v.lanewise(LSHR, 4).and(LOW_FOUR), levels).reinterpretAsShorts();
                y = IntegerTile.splat(x[k + 16]);
                a1 = a1.add(w.and(LOW_BYTE).mul(y));
                b1 = b1.add(w.lanewise(LSHR, 8).mul(y));
                k++;
            }
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + HALF);
            a1.intoArray(sums, to + ROWS);
            b1.intoArray(sums, to + ROWS + HALF);
            k += 16;
            to += 2 * ROWS;
        }
    }
}
