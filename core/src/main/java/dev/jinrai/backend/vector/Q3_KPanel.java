package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q3_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// [Q3_K]: two bits and a third apart ([TwoBitCodes]), a scale of six bits for every 16; counted from the code that stands
/// for zero.
final class Q3_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q3_K.QS, Q3_K.SCALES),
                    PanelKernel.CHUNK,
                    16,
                    4,
                    true,
                    new PanelPasses(
                            Q3_KPanel::codes,
                            Q3_KPanel::thirdBits,
                            Q3_KPanel::header,
                            Q3_KPanel::factors,
                            Q3_KPanel::unpack,
                            Q3_KPanel::scales),
                    new PanelPasses(
                            Q3_KPanel::codes,
                            Q3_KPanel::thirdBits,
                            Q3_KPanel::header,
                            Q3_KPanel::factors,
                            Q3_KPanel::unpack,
                            ByteProduct::rounded,
                            Q3_KPanel::scale,
                            SubBlockSums::addBlocks));

    private static final int SUBS = 16;

    /// Bytes of a block's scales, and of these with `d`.
    private static final int SCALE_BYTES = Q3_K.D - Q3_K.SCALES;

    private static final int TAIL_BYTES = SCALE_BYTES + 2;

    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    /// The scale that stands for zero.
    private static final byte ZERO_SCALE = 32;

    private Q3_KPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        TwoBitCodes.codes(src, 1, scratch);
    }

    private static void thirdBits(MemorySegment src, int blocks, PanelScratch scratch) {
        TwoBitCodes.thirdBits(src, 0, scratch);
    }

    /// The bytes after a chunk's codes.
    private static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        scratch.codesEnd = scratch.at(1) + 64L * blocks * ROWS;
        PanelBytes.copy(src, scratch.at(2), TAIL_BYTES * blocks, scratch.header);
    }

    /// `d` to the factors.
    private static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int from = (TAIL_BYTES * b + SCALE_BYTES) * ROWS;
            PanelBytes.halves(scratch.header, from, 1, scratch.factors, b * ROWS);
        }
    }

    /// The twelve bytes of each row as sixteen scales: of four bytes in turn, the lower four bits of scales 0 to 3 and 8 to 11, of scales 4 to
    /// 7 and 12 to 15, and the upper two of all.
    private static void unpack(MemorySegment src, int blocks, PanelScratch scratch) {
        byte[] header = scratch.header;
        for (int b = 0; b < blocks; b++) {
            int from = TAIL_BYTES * b * ROWS;
            int to = SUBS * b * ROWS;
            for (int i = 0; i < 4 * ROWS; i += GROUP) {
                IntVector first = ints(header, from + i);
                IntVector second = ints(header, from + 4 * ROWS + i);
                IntVector upper = ints(header, from + 8 * ROWS + i);
                scale(first, upper.lanewise(LSHL, 4), scratch, to + i);
                scale(second, upper.lanewise(LSHL, 2), scratch, to + 4 * ROWS + i);
                scale(first.lanewise(LSHR, 4), upper, scratch, to + 8 * ROWS + i);
                scale(
                        second.lanewise(LSHR, 4),
                        upper.lanewise(LSHR, 2),
                        scratch,
                        to + 12 * ROWS + i);
            }
        }
    }

    private static void scale(IntVector low, IntVector upper, PanelScratch scratch, int to) {
        IntVector code = low.and(LOW_FOUR).or(upper.and(UPPER_TWO));
        store(code.reinterpretAsBytes().sub(ZERO_SCALE).reinterpretAsInts(), scratch.packed, to);
    }

    /// Of a chunk, which is one block.
    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 0, SUBS, scratch.factors, 0, scratch.scales, 0);
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.scale(
                        src,
                        scratch.packed,
                        SUBS * b * ROWS + r,
                        SUBS * b,
                        SUBS,
                        0,
                        b * ROWS,
                        r,
                        scratch);
            }
        }
    }
}
