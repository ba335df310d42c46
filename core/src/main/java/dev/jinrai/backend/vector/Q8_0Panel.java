package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// [Q8_0]: its bytes are codes.
final class Q8_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q8_0.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    0,
                    true,
                    new PanelPasses(
                            Q8_0Panel::codes,
                            PanelBytes::header,
                            PanelBytes::scales,
                            PanelDecoder::decode),
                    new PanelPasses(
                            Q8_0Panel::multiply, PanelBytes::scales, SubBlockSums::addScaled));

    private Q8_0Panel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        MemorySegment.copy(
                src, ValueLayout.JAVA_BYTE, scratch.at(1), scratch.codes, 0, 32 * blocks * ROWS);
    }

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            CodeProduct.bytes(src, r, blocks, scratch);
        }
    }
}
