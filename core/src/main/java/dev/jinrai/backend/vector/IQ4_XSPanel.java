package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IQ4_NLPanel.LEVELS;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.IQ4_XS;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// [IQ4_XS]: eight runs of [IQ4_NLPanel]'s codes with a scale of six bits each.
final class IQ4_XSPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, IQ4_XS.QS),
                    PanelKernel.CHUNK,
                    32,
                    0,
                    true,
                    new PanelPasses(
                            IQ4_XSPanel::codes,
                            IQ4_XSPanel::header,
                            IQ4_XSPanel::factors,
                            IQ4_XSPanel::unpack,
                            IQ4_XSPanel::scales,
                            PanelDecoder::decode),
                    new PanelPasses(
                            IQ4_XSPanel::codes,
                            IQ4_XSPanel::header,
                            IQ4_XSPanel::factors,
                            IQ4_XSPanel::unpack,
                            IQ4_XSPanel::scales,
                            ByteProduct::exact,
                            IQ4_XSPanel::add));

    private static final int SUBS = 8;
    private static final int HEADER = IQ4_XS.QS;
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private IQ4_XSPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        LevelProduct.codes(src, SUBS * blocks, LEVELS, scratch);
    }

    /// The bytes before a chunk's codes.
    private static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(0), HEADER * blocks, scratch.header);
    }

    /// `d` to the factors.
    private static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            PanelBytes.halves(scratch.header, HEADER * b * ROWS, 1, scratch.factors, b * ROWS);
        }
    }

    /// The scales of each row's blocks: two bytes of upper bits, of four scales each, before four of lower ones, of two.
    private static void unpack(MemorySegment src, int blocks, PanelScratch scratch) {
        byte[] header = scratch.header;
        for (int b = 0; b < blocks; b++) {
            for (int half = 0; half < 2; half++) {
                int from = (HEADER * b + IQ4_XS.SCALES_H + half) * ROWS;
                int low = (HEADER * b + IQ4_XS.SCALES_L + 2 * half) * ROWS;
                int to = (SUBS * b + 4 * half) * ROWS;
                for (int i = 0; i < ROWS; i += GROUP) {
                    IntVector upper = ints(header, from + i);
                    IntVector first = ints(header, low + i);
                    IntVector second = ints(header, low + ROWS + i);
                    scale(first, upper.lanewise(LSHL, 4), scratch, to + i);
                    scale(first.lanewise(LSHR, 4), upper.lanewise(LSHL, 2), scratch, to + ROWS + i);
                    scale(second, upper, scratch, to + 2 * ROWS + i);
                    scale(
                            second.lanewise(LSHR, 4),
                            upper.lanewise(LSHR, 2),
                            scratch,
                            to + 3 * ROWS + i);
                }
            }
        }
    }

    private static void scale(IntVector low, IntVector upper, PanelScratch scratch, int to) {
        IntVector code = low.and(LOW_FOUR).or(upper.and(UPPER_TWO));
        store(
                code.reinterpretAsBytes().sub((byte) IQ4_XS.ZERO).reinterpretAsInts(),
                scratch.packed,
                to);
    }

    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int sub = SUBS * b * ROWS;
            PanelBytes.scaled(
                    scratch.packed, sub, SUBS, scratch.factors, b * ROWS, scratch.scales, sub);
        }
    }

    private static void add(MemorySegment src, int blocks, PanelScratch scratch) {
        SubBlockSums.addScaled(src, SUBS * blocks, scratch);
    }
}
