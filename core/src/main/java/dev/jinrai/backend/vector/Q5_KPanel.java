package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelBytes.ints;
import static dev.jinrai.backend.vector.PanelBytes.store;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q5_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// [Q5_K]: [Q4_KPanel] with a fifth bit, of which each byte of `qh` has one for each sub-block.
final class Q5_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    32,
                    0,
                    new PanelPasses(
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q5_KPanel::first,
                            Q5_KPanel::second,
                            Q5_KPanel::third,
                            Q5_KPanel::last,
                            KScalePanel::scales,
                            KScalePanel::offsets,
                            PanelProduct::decode),
                    new PanelPasses(
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q5_KPanel::first,
                            Q5_KPanel::second,
                            Q5_KPanel::third,
                            Q5_KPanel::last,
                            PanelProduct::multiply,
                            KScalePanel::scale,
                            KScalePanel::subtract));

    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int FIFTH = 0x10101010;

    private Q5_KPanel() {}

    // The four runs of 64 weights are four passes: shifts by a constant are cheap, those by a
    // variable are not.

    private static void first(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        long qh = at + Q5_K.QH * ROWS;
        long qs = at + Q5_K.QS * ROWS;
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

    private static void second(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        long qh = at + Q5_K.QH * ROWS;
        long qs = at + (Q5_K.QS + 32) * ROWS;
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

    private static void third(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        long qh = at + Q5_K.QH * ROWS;
        long qs = at + (Q5_K.QS + 64) * ROWS;
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

    private static void last(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        long qh = at + Q5_K.QH * ROWS;
        long qs = at + (Q5_K.QS + 96) * ROWS;
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
}
