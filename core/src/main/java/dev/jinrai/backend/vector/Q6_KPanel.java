package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelBytes.ints;
import static dev.jinrai.backend.vector.PanelBytes.store;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q6_K;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;

/// [Q6_K]: lower four and upper two bits apart, a scale for every 16; counted from the code that
/// stands for zero.
final class Q6_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    16,
                    Q6_K.ZERO,
                    new PanelPasses(
                            Q6_KPanel::even,
                            Q6_KPanel::odd,
                            Q6_KPanel::factors,
                            Q6_KPanel::scales,
                            Q6_KPanel::offsets,
                            PanelProduct::decode),
                    new PanelPasses(
                            Q6_KPanel::even,
                            Q6_KPanel::odd,
                            PanelProduct::multiply,
                            Q6_KPanel::factors,
                            Q6_KPanel::scale));

    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private Q6_KPanel() {}

    /// The first and third of the four runs of a half block.
    private static void even(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        for (int half = 0; half < 2; half++) {
            long ql = at + half * 64L * ROWS;
            long qh = at + (Q6_K.QH + half * 32) * (long) ROWS;
            int to = (128 * half) * ROWS;
            for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
                IntVector low = ints(src, ql + i);
                IntVector high = ints(src, qh + i);
                store(low.and(LOW_FOUR).or(high.lanewise(LSHL, 4).and(UPPER_TWO)), codes, to + i);
                store(
                        low.lanewise(LSHR, 4).and(LOW_FOUR).or(high.and(UPPER_TWO)),
                        codes,
                        to + 64 * ROWS + i);
            }
        }
    }

    /// The second and last of the four runs of a half block.
    private static void odd(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        for (int half = 0; half < 2; half++) {
            long ql = at + (half * 64 + 32) * (long) ROWS;
            long qh = at + (Q6_K.QH + half * 32) * (long) ROWS;
            int to = (128 * half + 32) * ROWS;
            for (int i = 0; i < 32 * ROWS; i += 4 * COUNT) {
                IntVector low = ints(src, ql + i);
                IntVector high = ints(src, qh + i);
                store(low.and(LOW_FOUR).or(high.lanewise(LSHL, 2).and(UPPER_TWO)), codes, to + i);
                store(
                        low.lanewise(LSHR, 4)
                                .and(LOW_FOUR)
                                .or(high.lanewise(LSHR, 2).and(UPPER_TWO)),
                        codes,
                        to + 64 * ROWS + i);
            }
        }
    }

    /// The scales' bytes, and `d` to the factors.
    private static void factors(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        PanelBytes.halves(src, at + Q6_K.D * ROWS, scratch.factors, 0);
        MemorySegment.copy(
                src, ValueLayout.JAVA_BYTE, at + Q6_K.SCALES * ROWS, scratch.packed, 0, 16 * ROWS);
    }

    private static void scales(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 0, 16, scratch.factors, 0, scratch.scales, 0);
    }

    private static void offsets(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int i = 0; i < 16 * ROWS; i += COUNT) {
            load(scratch.scales, i).mul(-Q6_K.ZERO).intoArray(scratch.offsets, i);
        }
    }

    private static void scale(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += 2 * COUNT) {
            PanelTile.scale(scratch.packed, scratch.sums, 16, scratch.factors, scratch.results, r);
        }
    }
}
