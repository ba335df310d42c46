package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q5_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// [Q5_K]: [Q4_KPanel] with a fifth bit, of which each byte of `qh` has one for each sub-block.
final class Q5_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q5_K.QH, Q5_K.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    16,
                    false,
                    new PanelPasses(
                            KScalePanel::header,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q5_KPanel::first,
                            Q5_KPanel::second,
                            Q5_KPanel::third,
                            Q5_KPanel::last,
                            KScalePanel::scales,
                            KScalePanel::offsets),
                    new PanelPasses(
                            Q5_KPanel::multiply,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            KScalePanel::scale,
                            KScalePanel::minima,
                            KScalePanel::finish));

    private static final CodeProduct.Joined JOINED = new CodeProduct.Joined(1, 32, 0x10101010, 1);
    private static final long QH_BYTES = Q5_K.QS - Q5_K.QH;
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int FIFTH = 0x10101010;

    private Q5_KPanel() {}

    // The four runs of 64 weights are four passes: shifts by a constant are cheap, those by a
    // variable are not.

    private static void first(MemorySegment src, int blocks, PanelScratch scratch) {
        long qh = scratch.at(1);
        long qs = scratch.at(2);
        byte[] codes = scratch.codes;
        int to = 0;
        for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
            IntVector low = ints(src, qs + i);
            IntVector fifths = ints(src, qh + i);
            store(low.and(LOW_FOUR).or(fifths.lanewise(LSHL, 4).and(FIFTH)), codes, to + i);
            store(
                    low.lanewise(LSHR, 4).and(LOW_FOUR).or(fifths.lanewise(LSHL, 3).and(FIFTH)),
                    codes,
                    to + 32 * ROWS + i);
        }
    }

    private static void second(MemorySegment src, int blocks, PanelScratch scratch) {
        long qh = scratch.at(1);
        long qs = scratch.at(2) + 32 * ROWS;
        byte[] codes = scratch.codes;
        int to = 64 * ROWS;
        for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
            IntVector low = ints(src, qs + i);
            IntVector fifths = ints(src, qh + i);
            store(low.and(LOW_FOUR).or(fifths.lanewise(LSHL, 2).and(FIFTH)), codes, to + i);
            store(
                    low.lanewise(LSHR, 4).and(LOW_FOUR).or(fifths.lanewise(LSHL, 1).and(FIFTH)),
                    codes,
                    to + 32 * ROWS + i);
        }
    }

    private static void third(MemorySegment src, int blocks, PanelScratch scratch) {
        long qh = scratch.at(1);
        long qs = scratch.at(2) + 64 * ROWS;
        byte[] codes = scratch.codes;
        int to = 128 * ROWS;
        for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
            IntVector low = ints(src, qs + i);
            IntVector fifths = ints(src, qh + i);
            store(low.and(LOW_FOUR).or(fifths.and(FIFTH)), codes, to + i);
            store(
                    low.lanewise(LSHR, 4).and(LOW_FOUR).or(fifths.lanewise(LSHR, 1).and(FIFTH)),
                    codes,
                    to + 32 * ROWS + i);
        }
    }

    private static void last(MemorySegment src, int blocks, PanelScratch scratch) {
        long qh = scratch.at(1);
        long qs = scratch.at(2) + 96 * ROWS;
        byte[] codes = scratch.codes;
        int to = 192 * ROWS;
        for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
            IntVector low = ints(src, qs + i);
            IntVector fifths = ints(src, qh + i);
            store(low.and(LOW_FOUR).or(fifths.lanewise(LSHR, 2).and(FIFTH)), codes, to + i);
            store(
                    low.lanewise(LSHR, 4).and(LOW_FOUR).or(fifths.lanewise(LSHR, 3).and(FIFTH)),
                    codes,
                    to + 32 * ROWS + i);
        }
    }

    /// Run `j` of a block takes bits `2 j` and `2 j + 1` of `qh`.
    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        scratch.codesEnd = scratch.at(2) + 128L * blocks * ROWS;
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int run = 0; run < 4 * blocks; run++) {
                int j = run % 4;
                CodeProduct.copy(
                        src,
                        scratch.at(0) + 4L * run * ROWS + r,
                        4,
                        scratch.stride,
                        scratch.header,
                        4 * run * ROWS + r);
                CodeProduct.joined(
                        src,
                        scratch.at(2) + 32L * run * ROWS + r,
                        scratch.at(1) + QH_BYTES * (run / 4) * ROWS + r,
                        JOINED,
                        4 - 2 * j,
                        3 - 2 * j,
                        2 * run,
                        r,
                        scratch);
            }
        }
    }
}
