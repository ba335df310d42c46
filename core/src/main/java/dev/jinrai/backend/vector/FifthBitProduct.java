package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;
import static jdk.incubator.vector.VectorOperators.ROR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Codes of five bits as Q5_0 and Q5_1 keep them: in blocks of 32, the fifth bit of weight `j` is bit `j % 8` of byte `j / 8` of four, the
/// lower ones are in half `j / 16` of byte `j % 16` of sixteen.
///
/// In panels a line of fifth bits has those of eight weights, so a register of it is turned by one place from weight to weight.
final class FifthBitProduct {
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int FIFTH = 0x10101010;
    private static final short LOW_BYTE = 0xFF;

    private FifthBitProduct() {}

    /// The pass that brings a chunk's codes to bytes.
    static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        for (int eight = 0; eight < 2 * blocks; eight++) {
            long high = scratch.at(1) + (eight / 2 * 4L + eight % 2) * ROWS;
            long low = scratch.at(2) + eight * 8L * ROWS;
            int to = (eight / 2 * 32 + eight % 2 * 8) * ROWS;
            for (int i = 0; i < ROWS; i += 4 * COUNT) {
                IntVector a = ints(src, high + i).lanewise(ROL, 4);
                IntVector b = ints(src, high + 2 * ROWS + i).lanewise(ROL, 4);
                for (int j = i; j < 8 * ROWS; j += ROWS) {
                    IntVector v = ints(src, low + j);
                    store(v.and(LOW_FOUR).or(a.and(FIFTH)), codes, to + j);
                    store(
                            v.lanewise(LSHR, 4).and(LOW_FOUR).or(b.and(FIFTH)),
                            codes,
                            to + 16 * ROWS + j);
                    a = a.lanewise(ROR, 1);
                    b = b.lanewise(ROR, 1);
                }
            }
        }
    }

    /// The products with one token for [Panel#GROUP] rows, with a sum for each half of a block as [CodeProduct#nibbles] leaves them.
    ///
    /// @param r the first of the rows
    /// @param heads lines of scales of a block
    static void multiply(MemorySegment src, int r, int blocks, int heads, PanelScratch scratch) {
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        int first = scratch.subBlock();
        int k = scratch.input;
        int to = r;
        long head = scratch.at(0) + r;
        long high = scratch.at(1) + r;
        long line = scratch.at(2) + r;
        for (int block = 0; block < blocks; block++) {
            CodeProduct.copy(src, head, heads, stride, scratch.header, block * heads * ROWS + r);
            head += heads * stride;
            ShortVector a0 = IntegerTile.splat(starts[first + block]);
            ShortVector b0 = a0;
            ShortVector a1 = IntegerTile.splat((short) 0);
            ShortVector b1 = a1;
            for (int eight = 0; eight < 2; eight++) {
                IntVector h = ints(src, high).lanewise(ROL, 4);
                IntVector g = ints(src, high + 2 * stride).lanewise(ROL, 4);
                high += stride;
                for (long end = line + 8 * stride; line < end; line += stride) {
                    IntVector v = ints(src, line);
                    ShortVector code = v.and(LOW_FOUR).or(h.and(FIFTH)).reinterpretAsShorts();
                    ShortVector y = IntegerTile.splat(x[k]);
                    a0 = a0.add(code.and(LOW_BYTE).mul(y));
                    b0 = b0.add(code.lanewise(LSHR, 8).mul(y));
                    code = v.lanewise(LSHR, 4).and(LOW_FOUR).or(g.and(FIFTH)).reinterpretAsShorts();
                    y = IntegerTile.splat(x[k + 16]);
                    a1 = a1.add(code.and(LOW_BYTE).mul(y));
                    b1 = b1.add(code.lanewise(LSHR, 8).mul(y));
                    h = h.lanewise(ROR, 1);
                    g = g.lanewise(ROR, 1);
                    k++;
                }
            }
            high += 2 * stride;
            a0.intoArray(sums, to);
            b0.intoArray(sums, to + HALF);
            a1.intoArray(sums, to + ROWS);
            b1.intoArray(sums, to + ROWS + HALF);
            k += 16;
            to += 2 * ROWS;
        }
    }
}
