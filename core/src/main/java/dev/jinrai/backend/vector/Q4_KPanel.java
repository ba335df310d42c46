package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_K;
import java.lang.foreign.MemorySegment;

/// [Q4_K]: four runs of 32 bytes with two codes each.
final class Q4_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    32,
                    new PanelPasses(
                            Q4_KPanel::codes,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            KScalePanel::scales,
                            KScalePanel::offsets,
                            PanelProduct::decode),
                    new PanelPasses(
                            Q4_KPanel::multiply,
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            KScalePanel::scale,
                            KScalePanel::subtract));

    private Q4_KPanel() {}

    private static void codes(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int run = 0; run < 4; run++) {
            int to = 64 * run * ROWS;
            PanelBytes.nibbles(
                    src, at + (Q4_K.QS + 32 * run) * ROWS, 32, scratch.codes, to, to + 32 * ROWS);
        }
    }

    private static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int run = 0; run < 4; run++) {
            int from = scratch.input + 64 * run;
            for (int r = 0; r < ROWS; r += PanelTile.STEP / 2) {
                PanelTile.multiplyNibbles(
                        src,
                        at + (Q4_K.QS + 32 * run) * ROWS + r,
                        0,
                        scratch.inputs,
                        from,
                        from + 32,
                        32,
                        scratch.sums,
                        2 * run * ROWS + r,
                        (2 * run + 1) * ROWS + r);
            }
        }
    }
}
