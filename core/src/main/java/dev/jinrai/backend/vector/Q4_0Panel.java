package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [Q4_0]: a scale and sixteen bytes of two codes each.
final class Q4_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, Q4_0.QS),
                    PanelKernel.CHUNK,
                    32,
                    new PanelPasses(
                            Q4_0Panel::codes,
                            Q4_0Panel::scales,
                            Q4_0Panel::offsets,
                            PanelProduct::decode),
                    new PanelPasses(Q4_0Panel::scales, Q4_0Panel::multiply, Q4_0Panel::scale));

    private Q4_0Panel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            int to = 32 * b * ROWS;
            PanelBytes.nibbles(
                    src, scratch.at(1) + 16L * b * ROWS, 16, scratch.codes, to, to + 16 * ROWS);
        }
    }

    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(0), 2 * blocks, scratch.header);
        PanelBytes.halves(scratch.header, 0, blocks, scratch.scales, 0);
    }

    private static void offsets(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int i = 0; i < blocks * ROWS; i += COUNT) {
            load(scratch.scales, i).mul(-Q4_0.ZERO).intoArray(scratch.offsets, i);
        }
    }

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            PanelTile.multiplyNibbles(
                    src,
                    scratch.at(1) + r,
                    blocks,
                    16,
                    scratch.stride,
                    scratch.inputs,
                    scratch.input,
                    scratch.sums,
                    r);
        }
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int b = 0; b < blocks; b++) {
                int i = 2 * b * ROWS + r; // two sums a block: of the lower and of the upper codes
                float first = -Q4_0.ZERO * scratch.inputSums[scratch.subBlock() + b];
                sum =
                        load(scratch.sums, i)
                                .add(load(scratch.sums, i + ROWS))
                                .add(first)
                                .fma(load(scratch.scales, b * ROWS + r), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }
}
