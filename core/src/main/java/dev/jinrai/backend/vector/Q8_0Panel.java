package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// [Q8_0]: its bytes are codes.
final class Q8_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    32,
                    0,
                    new PanelPasses(Q8_0Panel::codes, Q8_0Panel::scales, PanelProduct::decode),
                    new PanelPasses(Q8_0Panel::scales, Q8_0Panel::multiply, Q8_0Panel::scale));

    private static final int BYTES = 34;

    private Q8_0Panel() {}

    private static void codes(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            long qs = at + (long) (b * BYTES + Q8_0.QS) * ROWS;
            MemorySegment.copy(
                    src, ValueLayout.JAVA_BYTE, qs, scratch.codes, 32 * b * ROWS, 32 * ROWS);
        }
    }

    private static void scales(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            PanelBytes.halves(src, at + (long) b * BYTES * ROWS, scratch.scales, b * ROWS);
        }
        Arrays.fill(scratch.offsets, 0, blocks * ROWS, 0);
    }

    private static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += PanelTile.STEP) {
            PanelTile.multiply(
                    src,
                    at + Q8_0.QS * ROWS + r,
                    blocks,
                    BYTES * ROWS,
                    scratch.inputs,
                    scratch.input,
                    scratch.sums,
                    r);
        }
    }

    private static void scale(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int i = r; i < blocks * ROWS; i += ROWS) {
                sum = load(scratch.sums, i).fma(load(scratch.scales, i), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }
}
