package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HALF;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.splat;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/// The passes that multiply a chunk's codes, which others brought to bytes ([PanelScratch#codes]), with one token: for formats whose
/// codes take many operations to get at. A chunk stays in the first cache meanwhile.
final class ByteProduct {
    private static final short LOW_BYTE = 0xFF;

    private ByteProduct() {}

    /// With a rounded token, in sixteen-bit lanes: a sum for each sub-block, as [SubBlockSums#scale] takes them.
    static void rounded(MemorySegment src, int blocks, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        short[] x = scratch.quantized().codes;
        short[] starts = scratch.quantized().starts;
        short[] sums = scratch.shortSums;
        int sub = scratch.kernel().sub();
        int subs = scratch.count / sub;
        int first = scratch.subBlock();
        for (int s = 0; s < subs; s++) {
            for (int r = 0; r < ROWS; r += GROUP) {
                ShortVector a = IntegerTile.splat(starts[first + s]);
                ShortVector b = a;
                int k = scratch.input + s * sub;
                int line = s * sub * ROWS + r;
                for (int i = 0; i < sub; i++) {
                    ShortVector v = ints(codes, line + i * ROWS).reinterpretAsShorts();
                    ShortVector y = IntegerTile.splat(x[k + i]);
                    a = a.add(v.and(LOW_BYTE).mul(y));
                    b = b.add(v.lanewise(LSHR, 8).mul(y));
                }
                a.intoArray(sums, s * ROWS + r);
                b.intoArray(sums, s * ROWS + r + HALF);
            }
        }
    }

    /// Signed bytes with a token as it is: a sum for each sub-block, as [SubBlockSums#addScaled] takes them.
    static void exact(MemorySegment src, int blocks, PanelScratch scratch) {
        byte[] codes = scratch.codes;
        float[] x = scratch.inputs;
        float[] sums = scratch.sums;
        int sub = scratch.kernel().sub();
        int subs = scratch.count / sub;
        for (int s = 0; s < subs; s++) {
            for (int r = 0; r < ROWS; r += GROUP) {
                FloatVector a = FloatVector.zero(FLOATS);
                FloatVector b = a;
                FloatVector c = a;
                FloatVector d = a;
                int k = scratch.input + s * sub;
                int line = s * sub * ROWS + r;
                for (int i = 0; i < sub; i++) {
                    var v = ints(codes, line + i * ROWS);
                    FloatVector y = splat(x[k + i]);
                    a = floats(signedByte(v, 0)).fma(y, a);
                    b = floats(signedByte(v, 1)).fma(y, b);
                    c = floats(signedByte(v, 2)).fma(y, c);
                    d = floats(signedByte(v, 3)).fma(y, d);
                }
                int to = s * ROWS + r;
                a.intoArray(sums, to);
                b.intoArray(sums, to + COUNT);
                c.intoArray(sums, to + 2 * COUNT);
                d.intoArray(sums, to + 3 * COUNT);
            }
        }
    }
}
