package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q2_K;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.IntVector;

/// [Q2_K]: codes of two bits ([TwoBitCodes]); a scale and a minimum, of four bits each, for every 16.
final class Q2_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q2_K.QS, Q2_K.D),
                    PanelKernel.CHUNK,
                    16,
                    2,
                    false,
                    new PanelPasses(
                            Q2_KPanel::codes,
                            Q2_KPanel::header,
                            Q2_KPanel::factors,
                            Q2_KPanel::unpack,
                            Q2_KPanel::scales,
                            Q2_KPanel::offsets),
                    new PanelPasses(
                            Q2_KPanel::codes,
                            Q2_KPanel::header,
                            Q2_KPanel::factors,
                            Q2_KPanel::unpack,
                            ByteProduct::rounded,
                            Q2_KPanel::scale,
                            Q2_KPanel::minima,
                            KScalePanel::finish));

    /// Sub-blocks of a block, each with a byte of scale and minimum.
    private static final int SUBS = 16;

    /// Lines of a block's header as they are copied: scales and minima, then `d` and `dmin`.
    private static final int HEADER = SUBS + 4;

    private static final int LOW_FOUR = 0x0F0F0F0F;

    private Q2_KPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        TwoBitCodes.codes(src, 1, scratch);
    }

    /// A chunk's scales and minima, and `d` and `dmin`.
    private static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        scratch.codesEnd = scratch.at(1) + 64L * blocks * ROWS;
        MemorySegment.copy(
                src, ValueLayout.JAVA_BYTE, scratch.at(0), scratch.header, 0, SUBS * ROWS);
        MemorySegment.copy(
                src, ValueLayout.JAVA_BYTE, scratch.at(2), scratch.header, SUBS * ROWS, 4 * ROWS);
    }

    /// `d` and `dmin` to the factors.
    private static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int from = (HEADER * b + SUBS) * ROWS;
            PanelBytes.halves(scratch.header, from, 2, scratch.factors, 2 * b * ROWS);
        }
    }

    /// Sixteen scales, then sixteen minima.
    private static void unpack(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int from = HEADER * b * ROWS;
            int to = 2 * SUBS * b * ROWS;
            for (int i = 0; i < SUBS * ROWS; i += GROUP) {
                IntVector v = ints(scratch.header, from + i);
                store(v.and(LOW_FOUR), scratch.packed, to + i);
                store(v.lanewise(LSHR, 4).and(LOW_FOUR), scratch.packed, to + SUBS * ROWS + i);
            }
        }
    }

    /// Of a chunk.
    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.packed, 0, SUBS, scratch.factors, 0, scratch.scales, 0);
    }

    /// What weights are more than their scaled codes, counted from the middle one; of a chunk.
    private static void offsets(MemorySegment src, int blocks, PanelScratch scratch) {
        float[] offsets = scratch.offsets;
        PanelBytes.scaled(scratch.packed, SUBS * ROWS, SUBS, scratch.factors, ROWS, offsets, 0);
        for (int i = 0; i < SUBS * ROWS; i += COUNT) {
            load(scratch.scales, i)
                    .fma(splat(scratch.kernel().zero()), load(offsets, i).neg())
                    .intoArray(offsets, i);
        }
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.scale(
                        src,
                        scratch.packed,
                        2 * SUBS * b * ROWS + r,
                        SUBS * b,
                        SUBS,
                        scratch.kernel().zero(),
                        2 * b * ROWS,
                        r,
                        scratch);
            }
        }
    }

    private static void minima(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.minima(
                        scratch.packed,
                        (2 * b + 1) * SUBS * ROWS + r,
                        SUBS * b,
                        SUBS,
                        (2 * b + 1) * ROWS,
                        r,
                        scratch);
            }
        }
    }
}
