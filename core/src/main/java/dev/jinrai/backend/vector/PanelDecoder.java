package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Decodes a panel's codes to f32, for formats whose tokens are not rounded.
final class PanelDecoder {
    private PanelDecoder() {}

    /// The pass that decodes a chunk's codes to [PanelScratch#weights].
    static void decode(MemorySegment src, int blocks, PanelScratch scratch) {
        int sub = scratch.kernel().sub();
        for (int k = 0; k < scratch.count; k += sub) {
            decode(scratch.codes, k, sub, scratch.scales, k / sub * ROWS, scratch.weights);
        }
    }

    /// The weights of a sub-block of `count` from weight `k` on, `scale · code`, laid for [TileKernel].
    private static void decode(
            byte[] codes, int k, int count, float[] scales, int scale, float[] weights) {
        for (int r = 0; r < ROWS; r += GROUP) {
            FloatVector sa = load(scales, scale + r);
            FloatVector sb = load(scales, scale + r + COUNT);
            FloatVector sc = load(scales, scale + r + 2 * COUNT);
            FloatVector sd = load(scales, scale + r + 3 * COUNT);
            int from = k * ROWS + r;
            int first = (r / WIDTH * CHUNK + k) * WIDTH;
            int second = first + CHUNK * WIDTH;
            for (int i = 0; i < count; i++) {
                IntVector v = ints(codes, from + i * ROWS);
                floats(signedByte(v, 0)).mul(sa).intoArray(weights, first + i * WIDTH);
                floats(signedByte(v, 1)).mul(sb).intoArray(weights, first + i * WIDTH + COUNT);
                floats(signedByte(v, 2)).mul(sc).intoArray(weights, second + i * WIDTH);
                floats(signedByte(v, 3)).mul(sd).intoArray(weights, second + i * WIDTH + COUNT);
            }
        }
    }
}
