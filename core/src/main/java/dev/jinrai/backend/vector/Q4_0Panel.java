package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_0;
import java.lang.foreign.MemorySegment;

/// [Q4_0]: a scale and sixteen bytes of two codes each.
final class Q4_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q4_0.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    Q4_0.ZERO,
                    true,
                    new PanelPasses(Q4_0Panel::codes, PanelBytes::header, PanelBytes::scales),
                    new PanelPasses(Q4_0Panel::multiply, PanelBytes::scales, Q4_0Panel::scale));

    private Q4_0Panel() {}

    /// Those of blocks of sixteen bytes with two codes each.
    static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int to = 32 * b * ROWS;
            PanelBytes.nibbles(
                    src, scratch.at(1) + 16L * b * ROWS, 16, scratch.codes, to, to + 16 * ROWS);
        }
    }

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            CodeProduct.nibbles(src, r, blocks, 16, 1, 2, scratch);
        }
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            SubBlockSums.scaleHalves(blocks, r, scratch);
        }
    }
}
