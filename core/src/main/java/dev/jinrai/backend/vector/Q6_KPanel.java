package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import dev.jinrai.format.Q6_K;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;

/// [Q6_K]: lower four and upper two bits apart, a scale for every 16; counted from the code that
/// stands for zero.
final class Q6_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q6_K.QH, Q6_K.SCALES),
                    PanelKernel.MOST_SPAN,
                    16,
                    Q6_K.ZERO,
                    true,
                    new PanelPasses(
                            Q6_KPanel::codes,
                            Q6_KPanel::header,
                            Q6_KPanel::factors,
                            Q6_KPanel::scales),
                    new PanelPasses(
                            Q6_KPanel::multiply,
                            Q6_KPanel::factors,
                            Q6_KPanel::scale,
                            SubBlockSums::addBlocks));

    /// Bytes of a block's scales, and of these with `d`.
    private static final int SCALE_BYTES = Q6_K.D - Q6_K.SCALES;

    private static final int TAIL_BYTES = SCALE_BYTES + 2;
    private static final int LOW_FOUR = 0x0F0F0F0F;
    private static final int UPPER_TWO = 0x30303030;

    private static final CodeProduct.Joined JOINED = new CodeProduct.Joined(2, 16, UPPER_TWO, 4);

    private Q6_KPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int half = 0; half < 2; half++) {
            half(src, half, scratch);
        }
    }

    private static void half(MemorySegment src, int half, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        long stride = scratch.stride;
        long ql = scratch.at(0) + half * 64L * ROWS;
        long qh = scratch.at(1) + half * 32L * ROWS;
        int to = 128 * half * ROWS;
        for (long i = 0; i < 32 * ROWS; i += stride) {
            for (int j = 0; j < ROWS; j += 4 * COUNT) {
                IntVector a = ints(src, ql + i + j);
                IntVector b = ints(src, ql + 32 * ROWS + i + j);
                IntVector high = ints(src, qh + i + j);
                int k = to + (int) i + j;
                store(a.and(LOW_FOUR).or(high.lanewise(LSHL, 4).and(UPPER_TWO)), codes, k);
                store(
                        b.and(LOW_FOUR).or(high.lanewise(LSHL, 2).and(UPPER_TWO)),
                        codes,
                        k + 32 * ROWS);
                store(
                        a.lanewise(LSHR, 4).and(LOW_FOUR).or(high.and(UPPER_TWO)),
                        codes,
                        k + 64 * ROWS);
                store(
                        b.lanewise(LSHR, 4).and(LOW_FOUR).or(high.lanewise(LSHR, 2).and(UPPER_TWO)),
                        codes,
                        k + 96 * ROWS);
            }
        }
    }

    /// Of a half block, the first 32 bytes of `ql` have the codes of the first and third run, the next 32 those of the
    /// second and last; each byte of `qh` has the upper bits of all four.
    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        scratch.codesEnd = scratch.at(0) + 128L * blocks * ROWS;
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int j = 0; j < 4 * blocks; j++) {
                int half = j / 2;
                int line = TAIL_BYTES * j / 4;
                CodeProduct.copy(
                        src,
                        scratch.at(2) + (long) line * ROWS + r,
                        TAIL_BYTES * (j + 1) / 4 - line,
                        scratch.stride,
                        scratch.header,
                        line * ROWS + r);
                CodeProduct.joined(
                        src,
                        scratch.at(0) + 32L * j * ROWS + r,
                        scratch.at(1) + 32L * half * ROWS + r,
                        JOINED,
                        4 - j % 2 * 2,
                        -(j % 2) * 2,
                        8 * half + j % 2 * 2,
                        r,
                        scratch);
            }
        }
    }

    /// The bytes after a chunk's codes.
    private static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(2), TAIL_BYTES * blocks, scratch.header);
    }

    /// `d` to the factors.
    private static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int from = (TAIL_BYTES * b + SCALE_BYTES) * ROWS;
            PanelBytes.halves(scratch.header, from, 1, scratch.factors, b * ROWS);
        }
    }

    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.scaled(scratch.header, 0, 16, scratch.factors, 0, scratch.scales, 0);
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int b = 0; b < blocks; b++) {
                SubBlockSums.scale(
                        src,
                        scratch.header,
                        TAIL_BYTES * b * ROWS + r,
                        16 * b,
                        16,
                        0,
                        b * ROWS,
                        r,
                        scratch);
            }
        }
    }
}
