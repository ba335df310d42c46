package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.TileKernel.HEIGHT;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Products of panels with tokens.
///
/// With one token the codes are multiplied as they are and only their sums scaled. With more, a chunk of
/// all rows is decoded to f32, which stays in the nearest caches while all tokens pass.
final class PanelProduct {
    private final Workers workers;
    private final PanelScratch[] scratch;
    private float[] xs = {};

    PanelProduct(Workers workers) {
        this.workers = workers;
        scratch = new PanelScratch[workers.count()];
        Arrays.setAll(scratch, i -> new PanelScratch());
    }

    /// `out[to[t] · R + r] = Σ_i w[r,i] · x[from[t] · C + i]` for `tokens` tokens.
    ///
    /// @param from each token's row in `x`
    /// @param to each token's row in `out`
    void multiply(
            float[] out, int[] to, PanelMatrix w, int slice, float[] x, int[] from, int tokens) {
        MemorySegment panels = w.panels(slice, workers);
        if (tokens == 1) {
            int sub = w.kernel().sub();
            int subs = w.columns() / sub;
            if (xs.length < subs) {
                xs = new float[subs];
            }
            sums(x, from[0] * w.columns(), sub, subs, xs);
        }
        workers.parallel(
                Panel.count(w.rows()),
                1,
                (first, last, worker) -> {
                    for (int p = first; p < last; p++) {
                        long at = p * w.panelBytes();
                        if (tokens == 1) {
                            one(panels, at, w, x, from[0] * w.columns(), scratch[worker]);
                        } else {
                            many(panels, at, w, x, from, tokens, scratch[worker]);
                        }
                        float[] results = scratch[worker].results;
                        int rows = Math.min(ROWS, w.rows() - p * ROWS);
                        for (int t = 0; t < tokens; t++) {
                            System.arraycopy(
                                    results, t * ROWS, out, to[t] * w.rows() + p * ROWS, rows);
                        }
                    }
                });
    }

    private static void sums(float[] x, int at, int sub, int subs, float[] sums) {
        for (int s = 0; s < subs; s++) {
            float sum = 0;
            for (int i = 0; i < sub; i++) {
                sum += x[at + s * sub + i];
            }
            sums[s] = sum;
        }
    }

    private void one(
            MemorySegment panels,
            long at,
            PanelMatrix w,
            float[] x,
            int from,
            PanelScratch scratch) {
        Format format = w.tensor().format();
        scratch.sub = w.kernel().sub();
        scratch.inputs = x;
        scratch.inputSums = xs;
        Arrays.fill(scratch.reserve(1), 0, ROWS, 0);
        long block = at;
        for (int i = 0; i < w.columns(); i += CHUNK) {
            scratch.count = Math.min(CHUNK, w.columns() - i);
            scratch.input = from + i;
            scratch.subBlock = i / scratch.sub;
            int blocks = scratch.count / format.blockLength();
            w.kernel().multiply().run(panels, block, blocks, scratch);
            block += blocks * (long) format.blockBytes() * ROWS;
        }
    }

    /// The codes' products with one token, summed up sub-block by sub-block.
    static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        int sub = scratch.sub;
        for (int k = 0; k < scratch.count; k += sub) {
            for (int r = 0; r < ROWS; r += PanelTile.STEP) {
                PanelTile.multiply(
                        scratch.codes,
                        k * ROWS + r,
                        0,
                        scratch.inputs,
                        scratch.input + k,
                        sub,
                        scratch.sums,
                        k / sub * ROWS + r);
            }
        }
    }

    private static void many(
            MemorySegment panels,
            long at,
            PanelMatrix w,
            float[] x,
            int[] from,
            int tokens,
            PanelScratch scratch) {
        Format format = w.tensor().format();
        int n = w.columns();
        scratch.sub = w.kernel().sub();
        Arrays.fill(scratch.reserve(tokens), 0, Math.ceilDiv(tokens, HEIGHT) * HEIGHT * ROWS, 0);
        long block = at;
        for (int i = 0; i < n; i += CHUNK) {
            int count = Math.min(CHUNK, n - i);
            int blocks = count / format.blockLength();
            scratch.count = count;
            w.kernel().decode().run(panels, block, blocks, scratch);
            block += blocks * (long) format.blockBytes() * ROWS;
            // A part of the rows at a time, which the first cache holds beside six tokens.
            for (int r = 0; r < ROWS; r += WIDTH) {
                for (int t = 0; t < tokens; t += HEIGHT) {
                    tile(scratch, r, x, from, n, i, t, tokens - 1, count);
                }
            }
        }
    }

    /// [TileKernel#HEIGHT] tokens from `t` on; in the place of those beyond the last, that one again.
    private static void tile(
            PanelScratch scratch,
            int r,
            float[] x,
            int[] from,
            int n,
            int i,
            int t,
            int last,
            int count) {
        TileKernel.multiply(
                scratch.weights,
                r * CHUNK,
                x,
                from[t] * n + i,
                from[Math.min(t + 1, last)] * n + i,
                from[Math.min(t + 2, last)] * n + i,
                from[Math.min(t + 3, last)] * n + i,
                from[Math.min(t + 4, last)] * n + i,
                from[Math.min(t + 5, last)] * n + i,
                count,
                scratch.results,
                t * ROWS + r,
                ROWS);
    }

    /// Decodes the chunk to f32.
    static void decode(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        int sub = scratch.sub;
        for (int k = 0; k < scratch.count; k += sub) {
            PanelTile.decode(
                    scratch.codes,
                    k,
                    sub,
                    scratch.scales,
                    scratch.offsets,
                    k / sub * ROWS,
                    scratch.weights);
        }
    }
}
