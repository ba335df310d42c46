package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedShorts;
import static dev.jinrai.backend.vector.Panel.ROWS;

import dev.jinrai.format.Q4_0;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/// [Q4_0]: a scale and sixteen bytes of two codes each.
final class Q4_0Panel {
    static final PanelKernel KERNEL =
            new PanelKernel(
                    32,
                    Q4_0.ZERO,
                    127,
                    false,
                    new PanelPasses(Q4_0Panel::codes, Q4_0Panel::scales),
                    new PanelPasses(Q4_0Panel::scales, Q4_0Panel::multiply, Q4_0Panel::scale));

    private static final int BYTES = 18;

    private Q4_0Panel() {}

    private static void codes(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            long qs = at + (long) (b * BYTES + Q4_0.QS) * ROWS;
            int to = 32 * b * ROWS;
            PanelBytes.nibbles(src, qs, 16, scratch.codes, to, to + 16 * ROWS);
        }
    }

    private static void scales(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        for (int b = 0; b < blocks; b++) {
            PanelBytes.halves(src, at + (long) b * BYTES * ROWS, scratch.scales, b * ROWS);
        }
    }

    private static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        QuantizedTokens tokens = scratch.tokens;
        for (int r = 0; r < ROWS; r += CodeTile.STEP) {
            CodeTile.multiplyNibbles(
                    src,
                    at + Q4_0.QS * ROWS + r,
                    blocks,
                    BYTES * ROWS,
                    16,
                    tokens.firsts,
                    scratch.input / 32,
                    1,
                    tokens.codes,
                    scratch.input,
                    scratch.codeSums,
                    r);
        }
    }

    private static void scale(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        QuantizedTokens tokens = scratch.tokens;
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector sum = load(scratch.results, r);
            for (int b = 0; b < blocks; b++) {
                int i = 2 * b * ROWS + r; // two sums a block: of the lower and of the upper codes
                sum =
                        floats(
                                        signedShorts(scratch.codeSums, i)
                                                .add(signedShorts(scratch.codeSums, i + ROWS)))
                                .mul(tokens.scales[scratch.input / 32 + b])
                                .fma(load(scratch.scales, b * ROWS + r), sum);
            }
            sum.intoArray(scratch.results, r);
        }
    }
}
