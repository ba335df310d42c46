package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import java.lang.foreign.MemorySegment;

/// The passes for scales and minima of Q4_1 and Q5_1: two f16 before the codes of each block of 32.
final class MinimumPanel {
    /// Bytes of a block before its codes.
    static final int HEADER = 4;

    private MinimumPanel() {}

    /// The bytes before a chunk's codes.
    static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(0), blocks * HEADER, scratch.header);
    }

    /// Both to the factors: of block `b`, the scales at `2 b`, the minima at `2 b + 1`.
    static void factors(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.halves(scratch.header, 0, 2 * blocks, scratch.factors, 0);
    }

    /// The scales of a chunk, and what weights are more than their scaled codes, counted from the middle one.
    static void offsets(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            System.arraycopy(scratch.factors, 2 * b * ROWS, scratch.scales, b * ROWS, ROWS);
            for (int r = b * ROWS; r < (b + 1) * ROWS; r += COUNT) {
                load(scratch.scales, r)
                        .fma(
                                splat(scratch.kernel().zero()),
                                load(scratch.factors, r + (b + 1) * ROWS))
                        .intoArray(scratch.offsets, r);
            }
        }
    }

    /// Adds the blocks' sums, scaled, and their minima times the token's sums.
    static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            SubBlockSums.scaleHalvesAndMinima(blocks, r, scratch);
        }
    }
}
