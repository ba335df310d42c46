package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.shorts;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Codes of two bits as Q2_K and Q3_K keep them, the latter with a third one elsewhere.
///
/// A block has two halves of 128 weights. Byte `j` of a half's 32 has weights `j`, `j + 32`, `j + 64` and `j + 96`, from the lowest bits
/// up: of each sixteen lines, four sub-blocks of sixteen come, two apart.
final class TwoBitProduct {
    /// Sixteens of lines in a block, of which each has four sub-blocks.
    static final int PARTS = 4;

    private static final int TWO = 0x03030303;
    private static final int THIRD = 0x04040404;
    private static final short CODE = 3;
    private static final short LOW_BYTE = 0xFF;

    private TwoBitProduct() {}

    /// {@return the first sub-block of a part of a block}
    private static int sub(int part) {
        return part / 2 * 8 + part % 2;
    }

    /// Brings the codes of a chunk, which is one block, to bytes.
    ///
    /// @param section where the codes are
    static void codes(MemorySegment src, int section, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        for (int half = 0; half < 2; half++) {
            long from = scratch.at(section) + half * 32L * ROWS;
            int to = 128 * half * ROWS;
            for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
                IntVector v = ints(src, from + i);
                store(v.and(TWO), codes, to + i);
                store(v.lanewise(LSHR, 2).and(TWO), codes, to + 32 * ROWS + i);
                store(v.lanewise(LSHR, 4).and(TWO), codes, to + 64 * ROWS + i);
                store(v.lanewise(LSHR, 6).and(TWO), codes, to + 96 * ROWS + i);
            }
        }
    }

    /// Adds the third bits to the codes of a chunk: bit `g` of byte `j` is that of weight `j + 32 g`.
    ///
    /// @param section where the third bits are
    static void thirdBits(MemorySegment src, int section, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        for (int g = 0; g < 8; g++) {
            IntVector left = IntVector.broadcast(INTS, 2 - g);
            int to = 32 * g * ROWS;
            for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
                IntVector v = ints(src, scratch.at(section) + i).lanewise(ROL, left).and(THIRD);
                store(ints(codes, to + i).or(v), codes, to + i);
            }
        }
    }

    /// Part `part` of a block with one token: sums of four sub-blocks.
    ///
    /// @param codes the first line of the part
    /// @param first the block's first sub-block, counted from the first at hand
    static void two(
            MemorySegment src, long codes, int part, int first, int r, PanelScratch scratch) {
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        int sub = first + sub(part);
        int start = scratch.subBlock() + sub;
        int k = scratch.input + sub * 16;
        ShortVector a0 = IntegerTile.splat(starts[start]);
        ShortVector b0 = a0;
        ShortVector a1 = IntegerTile.splat(starts[start + 2]);
        ShortVector b1 = a1;
        ShortVector a2 = IntegerTile.splat(starts[start + 4]);
        ShortVector b2 = a2;
        ShortVector a3 = IntegerTile.splat(starts[start + 6]);
        ShortVector b3 = a3;
        for (long line = codes; line < codes + 16 * stride; line += stride) {
            ShortVector v = shorts(src, line);
            ShortVector y = IntegerTile.splat(x[k]);
            a0 = a0.add(v.and(CODE).mul(y));
            b0 = b0.add(v.lanewise(LSHR, 8).and(CODE).mul(y));
            y = IntegerTile.splat(x[k + 32]);
            a1 = a1.add(v.lanewise(LSHR, 2).and(CODE).mul(y));
            b1 = b1.add(v.lanewise(LSHR, 10).and(CODE).mul(y));
            y = IntegerTile.splat(x[k + 64]);
            a2 = a2.add(v.lanewise(LSHR, 4).and(CODE).mul(y));
            b2 = b2.add(v.lanewise(LSHR, 12).and(CODE).mul(y));
            y = IntegerTile.splat(x[k + 96]);
            a3 = a3.add(v.lanewise(LSHR, 6).and(CODE).mul(y));
            b3 = b3.add(v.lanewise(LSHR, 14).mul(y));
            k++;
        }
        int to = sub * ROWS + r;
        a0.intoArray(sums, to);
        b0.intoArray(sums, to + HALF);
        a1.intoArray(sums, to + 2 * ROWS);
        b1.intoArray(sums, to + 2 * ROWS + HALF);
        a2.intoArray(sums, to + 4 * ROWS);
        b2.intoArray(sums, to + 4 * ROWS + HALF);
        a3.intoArray(sums, to + 6 * ROWS);
        b3.intoArray(sums, to + 6 * ROWS + HALF);
    }

    /// The same with a third bit, of which bit `4 · half + i` of a byte is that of the half's weights of sub-blocks `2 i` and `2 i + 1`.
    ///
    /// @param thirds the first line of third bits
    static void three(
            MemorySegment src,
            long codes,
            long thirds,
            int part,
            int first,
            int r,
            PanelScratch scratch) {
        long stride = scratch.stride;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        IntVector left = IntVector.broadcast(INTS, 2 - part / 2 * 4);
        int sub = first + sub(part);
        int start = scratch.subBlock() + sub;
        int k = scratch.input + sub * 16;
        ShortVector a0 = IntegerTile.splat(starts[start]);
        ShortVector b0 = a0;
        ShortVector a1 = IntegerTile.splat(starts[start + 2]);
        ShortVector b1 = a1;
        ShortVector a2 = IntegerTile.splat(starts[start + 4]);
        ShortVector b2 = a2;
        ShortVector a3 = IntegerTile.splat(starts[start + 6]);
        ShortVector b3 = a3;
        for (long line = 0; line < 16 * stride; line += stride) {
            IntVector v = ints(src, codes + line);
            IntVector h = ints(src, thirds + line).lanewise(ROL, left);
            ShortVector code = v.and(TWO).or(h.and(THIRD)).reinterpretAsShorts();
            ShortVector y = IntegerTile.splat(x[k]);
            a0 = a0.add(code.and(LOW_BYTE).mul(y));
            b0 = b0.add(code.lanewise(LSHR, 8).mul(y));
            code =
                    v.lanewise(LSHR, 2)
                            .and(TWO)
                            .or(h.lanewise(LSHR, 1).and(THIRD))
                            .reinterpretAsShorts();
            y = IntegerTile.splat(x[k + 32]);
            a1 = a1.add(code.and(LOW_BYTE).mul(y));
            b1 = b1.add(code.lanewise(LSHR, 8).mul(y));
            code =
                    v.lanewise(LSHR, 4)
                            .and(TWO)
                            .or(h.lanewise(LSHR, 2).and(THIRD))
                            .reinterpretAsShorts();
            y = IntegerTile.splat(x[k + 64]);
            a2 = a2.add(code.and(LOW_BYTE).mul(y));
            b2 = b2.add(code.lanewise(LSHR, 8).mul(y));
            code =
                    v.lanewise(LSHR, 6)
                            .and(TWO)
                            .or(h.lanewise(LSHR, 3).and(THIRD))
                            .reinterpretAsShorts();
            y = IntegerTile.splat(x[k + 96]);
            a3 = a3.add(code.and(LOW_BYTE).mul(y));
            b3 = b3.add(code.lanewise(LSHR, 8).mul(y));
            k++;
        }
        int to = sub * ROWS + r;
        a0.intoArray(sums, to);
        b0.intoArray(sums, to + HALF);
        a1.intoArray(sums, to + 2 * ROWS);
        b1.intoArray(sums, to + 2 * ROWS + HALF);
        a2.intoArray(sums, to + 4 * ROWS);
        b2.intoArray(sums, to + 4 * ROWS + HALF);
        a3.intoArray(sums, to + 6 * ROWS);
        b3.intoArray(sums, to + 6 * ROWS + HALF);
    }
}
