package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q5_1;
import java.lang.foreign.MemorySegment;

/// [Q5_1]: [Q5_0Panel] with a minimum ([MinimumPanel]).
final class Q5_1Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q5_1.QH, Q5_1.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    16,
                    false,
                    new PanelPasses(
                            FifthBitProduct::codes,
                            MinimumPanel::header,
                            MinimumPanel::factors,
                            MinimumPanel::offsets),
                    new PanelPasses(
                            Q5_1Panel::multiply, MinimumPanel::factors, MinimumPanel::scale));

    private Q5_1Panel() {}

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            FifthBitProduct.multiply(src, r, blocks, MinimumPanel.HEADER, scratch);
        }
    }
}
