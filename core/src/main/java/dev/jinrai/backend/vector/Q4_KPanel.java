package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_K;
import java.lang.foreign.MemorySegment;

/// [Q4_K]: four runs of 32 bytes with two codes each.
final class Q4_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q4_K.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    8,
                    false,
                    new PanelPasses(
                            KScalePanel::header,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q4_KPanel::codes,
                            KScalePanel::scales,
                            KScalePanel::offsets),
                    new PanelPasses(
                            Q4_KPanel::multiply,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            KScalePanel::scale,
                            KScalePanel::minima,
                            KScalePanel::finish));

    private Q4_KPanel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int run = 0; run < 4; run++) {
            int to = 64 * run * ROWS;
            PanelBytes.nibbles(
                    src, scratch.at(1) + 32L * run * ROWS, 32, scratch.codes, to, to + 32 * ROWS);
        }
    }

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        scratch.codesEnd = scratch.at(1) + 128L * blocks * ROWS;
        for (int r = 0; r < ROWS; r += GROUP) {
            CodeProduct.nibbles(src, r, 4 * blocks, 32, 2, KScalePanel.HEADER / 4, scratch);
        }
    }
}
