package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelBytes.ints;
import static dev.jinrai.backend.vector.PanelBytes.store;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// The passes that bring the scales `d · scale` and offsets `−dmin · min` of a block of Q4_K or Q5_K to f32
/// ([dev.jinrai.format.KScales]).
final class KScalePanel {
    private static final int SIX = 0x3F3F3F3F;
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private KScalePanel() {}

    /// `d` and `dmin` to the factors.
    static void factors(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        PanelBytes.halves(src, at, scratch.factors, 0);
        PanelBytes.halves(src, at + 2 * ROWS, scratch.factors, ROWS);
    }

    /// The twelve bytes of each row as eight scales, then eight minima.
    static void unpack(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        byte[] dst = scratch.packed;
        long from = at + 4 * ROWS;
        for (int i = 0; i < 4 * ROWS; i += 4 * COUNT) {
            IntVector a = ints(src, from + i);
            IntVector b = ints(src, from + 4 * ROWS + i);
            IntVector c = ints(src, from + 8 * ROWS + i);
            store(a.and(SIX), dst, i);
            store(c.and(LOW_FOUR).or(a.lanewise(LSHR, 2).and(UPPER_TWO)), dst, 4 * ROWS + i);
            store(b.and(SIX), dst, 8 * ROWS + i);
            store(
                    c.lanewise(LSHR, 4).and(LOW_FOUR).or(b.lanewise(LSHR, 2).and(UPPER_TWO)),
                    dst,
                    12 * ROWS + i);
        }
    }

    static void scales(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 0, 8, scratch.factors, 0, scratch.scales, 0);
    }

    static void offsets(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 8 * ROWS, 8, scratch.factors, ROWS, scratch.offsets, 0);
        for (int i = 0; i < 8 * ROWS; i += COUNT) {
            load(scratch.offsets, i).neg().intoArray(scratch.offsets, i);
        }
    }

    /// Adds the sums of the sub-blocks, scaled.
    static void scale(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += 2 * COUNT) {
            PanelTile.scale(scratch.packed, scratch.sums, 8, scratch.factors, scratch.results, r);
        }
    }

    /// Subtracts the minima times the sums of the inputs.
    static void subtract(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += 2 * COUNT) {
            PanelTile.subtract(
                    scratch.packed,
                    scratch.inputSums,
                    scratch.subBlock(),
                    scratch.factors,
                    scratch.results,
                    r);
        }
    }
}
