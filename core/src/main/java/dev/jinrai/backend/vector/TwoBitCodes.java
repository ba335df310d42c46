package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ROL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// Codes of two bits as Q2_K and Q3_K keep them, the latter with a third one elsewhere.
///
/// A block has two halves of 128 weights. Byte `j` of a half's 32 has weights `j`, `j + 32`, `j + 64` and `j + 96`, from the lowest bits
/// up. They are brought to bytes before they are multiplied ([ByteProduct]): what takes them apart and multiplies at once is more than
/// C2 keeps in registers.
final class TwoBitCodes {
    private static final int TWO = 0x03030303;
    private static final int THIRD = 0x04040404;

    private TwoBitCodes() {}

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
}
