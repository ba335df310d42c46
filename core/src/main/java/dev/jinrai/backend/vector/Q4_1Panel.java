package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_1;
import java.lang.foreign.MemorySegment;

/// [Q4_1]: [Q4_0Panel] with a minimum ([MinimumPanel]).
final class Q4_1Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q4_1.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    8,
                    false,
                    new PanelPasses(
                            Q4_0Panel::codes,
                            MinimumPanel::header,
                            MinimumPanel::factors,
                            MinimumPanel::offsets),
                    new PanelPasses(
                            Q4_1Panel::multiply, MinimumPanel::factors, MinimumPanel::scale));

    private Q4_1Panel() {}

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            CodeProduct.nibbles(src, r, blocks, 16, 1, MinimumPanel.HEADER, scratch);
        }
    }
}
