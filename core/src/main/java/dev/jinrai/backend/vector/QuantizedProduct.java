package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.IntegerTile.HEIGHT;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import java.lang.foreign.MemorySegment;

/// Products of a panel with many rounded tokens ([QuantizedTokens]), chunk by chunk.
///
/// Of a weight `scale · code + offset`, the scaled codes are multiplied as integers ([IntegerTile]); what is left is the offset times
/// the sum of a sub-block's token, for all sub-blocks of a row at once.
final class QuantizedProduct {
    private static final PanelPasses TILE =
            new PanelPasses(QuantizedProduct::multiplyTile, QuantizedProduct::scaleTile);

    private QuantizedProduct() {}

    /// Multiplies the chunk at hand, which begins at column `i`, with tokens `begin … end - 1` of `tokens`.
    static void multiply(
            PanelScratch scratch,
            QuantizedTokens quantized,
            int i,
            int columns,
            int tokens,
            int begin,
            int end) {
        int whole = Math.ceilDiv(tokens, HEIGHT) * HEIGHT;
        IntegerTile.widen(scratch.codes, scratch.count, scratch.wide, CHUNK);
        scratch.quantized = quantized;
        for (int t = begin; t < end; t += HEIGHT) {
            scratch.token = t;
            scratch.tokens = Math.min(HEIGHT, end - t);
            scratch.input = i * whole + t * scratch.count;
            TILE.run(MemorySegment.NULL, 0, scratch);
        }
        if (!scratch.kernel().symmetric()) {
            keepOffsets(scratch, i, columns);
        }
    }

    private static void multiplyTile(MemorySegment src, int blocks, PanelScratch scratch) {
        QuantizedTokens tokens = scratch.quantized();
        int sub = scratch.kernel().sub();
        int subs = scratch.count / sub;
        for (int r = 0; r < ROWS; r += GROUP) {
            IntegerTile.multiply(
                    scratch.wide,
                    r * CHUNK,
                    tokens.codes,
                    scratch.input,
                    tokens.starts,
                    scratch.input / sub,
                    subs,
                    sub,
                    scratch.shortSums,
                    r * subs * HEIGHT);
        }
    }

    private static void scaleTile(MemorySegment src, int blocks, PanelScratch scratch) {
        QuantizedTokens tokens = scratch.quantized();
        int sub = scratch.kernel().sub();
        int subs = scratch.count / sub;
        for (int r = 0; r < ROWS; r += GROUP) {
            for (int j = 0; j < scratch.tokens; j++) {
                IntegerTile.scale(
                        scratch.shortSums,
                        r * subs * HEIGHT + j * GROUP,
                        subs,
                        tokens.scales,
                        scratch.input / sub + j,
                        scratch.scales,
                        r,
                        scratch.results,
                        (scratch.token + j) * ROWS + r);
            }
        }
    }

    /// Copies a chunk's offsets to those of the row.
    private static void keepOffsets(PanelScratch scratch, int i, int columns) {
        int sub = scratch.kernel().sub();
        int subs = columns / sub;
        if (scratch.rowOffsets.length < subs * ROWS) {
            scratch.rowOffsets = new float[subs * ROWS];
        }
        for (int s = 0; s < scratch.count / sub; s++) {
            for (int r = 0; r < ROWS; r += WIDTH) {
                int to = (r / WIDTH * subs + i / sub + s) * WIDTH;
                System.arraycopy(scratch.offsets, s * ROWS + r, scratch.rowOffsets, to, WIDTH);
            }
        }
    }

    /// Adds, once all chunks are multiplied, the offsets of whole rows times the sums of the sub-blocks of tokens `begin … end - 1`.
    static void finish(
            PanelScratch scratch,
            QuantizedTokens quantized,
            int columns,
            int tokens,
            int begin,
            int end) {
        if (scratch.kernel().symmetric()) {
            return;
        }
        int subs = columns / scratch.kernel().sub();
        int last = tokens - 1;
        for (int r = 0; r < ROWS; r += WIDTH) {
            for (int t = begin; t < end; t += HEIGHT) {
                TileKernel.multiply(
                        scratch.rowOffsets,
                        r * subs,
                        quantized.sums,
                        t * subs,
                        Math.min(t + 1, last) * subs,
                        Math.min(t + 2, last) * subs,
                        Math.min(t + 3, last) * subs,
                        Math.min(t + 4, last) * subs,
                        Math.min(t + 5, last) * subs,
                        subs,
                        scratch.results,
                        t * ROWS + r,
                        ROWS);
            }
        }
    }
}
