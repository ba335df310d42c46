package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q5_0;
import java.lang.foreign.MemorySegment;

/// [Q5_0]: [Q4_0Panel] with a fifth bit ([FifthBitProduct]).
final class Q5_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q5_0.QH, Q5_0.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    Q5_0.ZERO,
                    true,
                    new PanelPasses(FifthBitProduct::codes, PanelBytes::header, PanelBytes::scales),
                    new PanelPasses(Q5_0Panel::multiply, PanelBytes::scales, Q5_0Panel::scale));

    private Q5_0Panel() {}

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            FifthBitProduct.multiply(src, r, blocks, 2, scratch);
        }
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            SubBlockSums.scaleHalves(blocks, r, scratch);
        }
    }
}
