package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// The passes for the scales `d · scale` and offsets `−dmin · min` of Q4_K and Q5_K: to f32, or with sums
/// ([dev.jinrai.format.KScales]).
final class KScalePanel {
    /// Bytes of a block before its codes.
    static final int HEADER = 16;

    private static final int SIX = 0x3F3F3F3F;
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private KScalePanel() {}

    /// The bytes before a chunk's codes.
    static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(0), blocks * HEADER, scratch.header);
    }

    /// `d` and `dmin` to the factors.
    static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            PanelBytes.halves(scratch.header, b * HEADER * ROWS, 2, scratch.factors, 2 * b * ROWS);
        }
    }

    /// The twelve bytes of each row as eight scales, then eight minima.
    static void unpack(MemorySegment panels, int blocks, PanelScratch scratch) {
        byte[] dst = scratch.packed;
        for (int block = 0; block < blocks; block++) {
            int from = (block * HEADER + 4) * ROWS;
            byte[] src = scratch.header;
            int to = 16 * block * ROWS;
            for (int i = 0; i < 4 * ROWS; i += GROUP) {
                IntVector a = ints(src, from + i);
                IntVector b = ints(src, from + 4 * ROWS + i);
                IntVector c = ints(src, from + 8 * ROWS + i);
                int k = to + i;
                store(a.and(SIX), dst, k);
                store(c.and(LOW_FOUR).or(a.lanewise(LSHR, 2).and(UPPER_TWO)), dst, k + 4 * ROWS);
                store(b.and(SIX), dst, k + 8 * ROWS);
                store(
                        c.lanewise(LSHR, 4).and(LOW_FOUR).or(b.lanewise(LSHR, 2).and(UPPER_TWO)),
                        dst,
                        k + 12 * ROWS);
            }
        }
    }

    /// Of a chunk, which is one block.
    static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 0, 8, scratch.factors, 0, scratch.scales, 0);
    }

    /// What weights are more than their scaled codes, counted from the middle one; of a chunk, which is one block.
    static void offsets(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 8 * ROWS, 8, scratch.factors, ROWS, scratch.offsets, 0);
        for (int i = 0; i < 8 * ROWS; i += COUNT) {
            load(scratch.scales, i)
                    .fma(splat(scratch.kernel().zero()), load(scratch.offsets, i).neg())
                    .intoArray(scratch.offsets, i);
        }
    }

    /// Scales the sums of the sub-blocks and adds them up, block by block.
    static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.scale(
                        src,
                        scratch.packed,
                        16 * b * ROWS + r,
                        8 * b,
                        8,
                        scratch.kernel().zero(),
                        2 * b * ROWS,
                        r,
                        scratch);
            }
        }
    }

    /// The minima times the sums of the inputs, block by block.
    static void minima(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.minima(
                        scratch.packed,
                        (16 * b + 8) * ROWS + r,
                        8 * b,
                        8,
                        (2 * b + 1) * ROWS,
                        r,
                        scratch);
            }
        }
    }

    /// Adds both, times `d` and `−dmin`.
    static void finish(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int i = r; i < 2 * blocks * ROWS; i += 2 * ROWS) {
                sum = load(scratch.sums, i).fma(load(scratch.factors, i), sum);
                sum = load(scratch.sums, i + ROWS).fma(load(scratch.factors, i + ROWS).neg(), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }
}
