package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_K;
import java.lang.foreign.MemorySegment;

/// [Q4_K]: four runs of 32 bytes with two codes each.
final class Q4_KPanel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    32,
                    0,
                    new PanelPasses(
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q4_KPanel::codes,
                            KScalePanel::scales,
                            KScalePanel::offsets,
                            PanelProduct::decode),
                    new PanelPasses(
                            KScalePanel::factors,
                            KScalePanel::unpack,
                            Q4_KPanel::multiply,
                            KScalePanel::scale,
                            KScalePanel::subtract));

    private Q4_KPanel() {}

    private static void codes(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int run = 0; run < 4; run++) {
            int to = 64 * run * ROWS;
            PanelBytes.nibbles(
                    src,
                    at + (Q4_K.QS + 32 * run) * (long) ROWS,
                    32,
                    scratch.codes,
                    to,
                    to + 32 * ROWS);
        }
    }

    private static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += PanelTile.STEP) {
            PanelTile.multiplyNibbles(
                    src,
                    at + Q4_K.QS * ROWS + r,
                    4,
                    32 * ROWS,
                    32,
                    scratch.inputs,
                    scratch.input,
                    scratch.sums,
                    r);
        }
    }
}
