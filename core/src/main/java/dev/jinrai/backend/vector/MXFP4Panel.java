package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.unsignedByte;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.jinrai.format.MXFP4;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// [MXFP4]: an exponent and sixteen bytes of two codes each, whose levels, taken twice, are from −12 to 12 ([LevelProduct]).
final class MXFP4Panel {
    /// The level that stands for zero: none is negative then.
    private static final int ZERO = 12;

    static final PanelKernel KERNEL =
            new PanelKernel(
                    new PanelSections(0, MXFP4.QS),
                    PanelKernel.MOST_SPAN,
                    32,
                    ZERO,
                    true,
                    new PanelPasses(MXFP4Panel::codes, MXFP4Panel::header, MXFP4Panel::scales),
                    new PanelPasses(MXFP4Panel::multiply, MXFP4Panel::scales, MXFP4Panel::scale));

    private static final byte[] LEVELS = LevelProduct.table(q -> MXFP4.twice(q) + ZERO);

    /// The bits of the half scale that exponent 0 stands for: a subnormal number.
    private static final int LEAST = 0x0020_0000;

    private MXFP4Panel() {}

    private static void codes(MemorySegment src, int blocks, PanelScratch scratch) {
        LevelProduct.codes(src, blocks, LEVELS, scratch);
    }

    private static void multiply(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            LevelProduct.multiplyRounded(src, r, blocks, MXFP4.QS, LEVELS, scratch);
        }
    }

    private static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        PanelBytes.copy(src, scratch.at(0), blocks, scratch.header);
    }

    /// Half of each scale: the levels are taken twice.
    private static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int i = 0; i < blocks * ROWS; i += GROUP) {
            IntVector v = ints(scratch.header, i);
            half(unsignedByte(v, 0)).intoArray(scratch.scales, i);
            half(unsignedByte(v, 1)).intoArray(scratch.scales, i + COUNT);
            half(unsignedByte(v, 2)).intoArray(scratch.scales, i + 2 * COUNT);
            half(unsignedByte(v, 3)).intoArray(scratch.scales, i + 3 * COUNT);
        }
    }

    /// [MXFP4#halfScale] of each lane.
    private static FloatVector half(IntVector e) {
        IntVector normal = e.sub(1).lanewise(LSHL, 23);
        IntVector subnormal = e.add(1).mul(LEAST);
        return normal.blend(subnormal, e.compare(LT, 2)).reinterpretAsFloats();
    }

    private static void scale(MemorySegment src, int blocks, PanelScratch scratch) {
        for (int r = 0; r < ROWS; r += GROUP) {
            SubBlockSums.scaleHalves(blocks, r, scratch);
        }
    }
}
