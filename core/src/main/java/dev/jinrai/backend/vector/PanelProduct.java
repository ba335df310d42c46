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
/// With one token a span's codes are multiplied as they are, and only the sums of its sub-blocks scaled. With more, a
/// chunk is taken apart first, which stays in the nearest caches while all tokens pass: to f32, or to codes and scales where tokens are rounded.
final class PanelProduct {
    private final Workers workers;
    private final PanelScratch[] scratch;
    private final QuantizedTokens quantized;

    /// Of `T` tokens, the chunk from value `i` on of token `t` begins at `laid[i · T + t · length of the chunk]`.
    private float[] laid = {};

    PanelProduct(Workers workers) {
        this.workers = workers;
        quantized = new QuantizedTokens(workers);
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
        int n = w.columns();
        if (w.kernel().quantizesTokens()) {
            quantized.quantize(x, from, tokens, n, w.kernel(), tokens == 1 ? 1 : HEIGHT);
        } else if (tokens > 1) {
            lay(x, from, tokens, n);
        }
        workers.parallel(
                w.count(),
                1,
                (first, last, worker) -> {
                    for (int p = first; p < last; p++) {
                        if (tokens == 1) {
                            multiplyOne(panels, p, w, x, from[0] * n, scratch[worker]);
                        } else {
                            multiplyMany(panels, p, w, tokens, scratch[worker]);
                        }
                        int rows = Math.min(ROWS, w.rows() - p * ROWS);
                        for (int t = 0; t < tokens; t++) {
                            System.arraycopy(
                                    scratch[worker].results,
                                    t * ROWS,
                                    out,
                                    to[t] * w.rows() + p * ROWS,
                                    rows);
                        }
                    }
                });
    }

    /// Copies tokens to [#laid]: of tokens that lie a power of two apart, caches hold but a few.
    private void lay(float[] x, int[] from, int tokens, int n) {
        int size = Math.multiplyExact(tokens, n);
        if (laid.length < size) {
            laid = new float[size];
        }
        workers.parallel(
                tokens,
                Math.max(1, (1 << 14) / n), // some microseconds of work
                (first, last, worker) -> {
                    for (int t = first; t < last; t++) {
                        for (int i = 0; i < n; i += CHUNK) {
                            int count = Math.min(CHUNK, n - i);
                            System.arraycopy(
                                    x, from[t] * n + i, laid, i * tokens + t * count, count);
                        }
                    }
                });
    }

    /// The products of one panel with one token, to [PanelScratch#results].
    private void multiplyOne(
            MemorySegment panels,
            int panel,
            PanelMatrix w,
            float[] x,
            int from,
            PanelScratch scratch) {
        Format format = w.tensor().format();
        PanelKernel kernel = w.kernel();
        Arrays.fill(scratch.reserve(1), 0, ROWS, 0);
        scratch.kernel = kernel;
        scratch.inputs = x;
        int first = w.kernel().quantizesTokens() ? 0 : from;
        scratch.firstInput = first;
        scratch.quantized = quantized;
        for (int i = 0; i < w.columns(); i += kernel.span()) {
            scratch.count = Math.min(kernel.span(), w.columns() - i);
            scratch.input = first + i;
            scratch.place(w, panel, i / format.blockLength());
            int blocks = scratch.count / format.blockLength();
            kernel.multiply().run(panels, blocks, scratch);
        }
    }

    /// The products of one panel with all tokens, to [PanelScratch#results].
    private void multiplyMany(
            MemorySegment panels, int panel, PanelMatrix w, int tokens, PanelScratch scratch) {
        Format format = w.tensor().format();
        PanelKernel kernel = w.kernel();
        int whole = Math.ceilDiv(tokens, HEIGHT) * HEIGHT;
        Arrays.fill(scratch.reserve(tokens), 0, whole * ROWS, 0);
        scratch.kernel = kernel;
        for (int i = 0; i < w.columns(); i += CHUNK) {
            scratch.count = Math.min(CHUNK, w.columns() - i);
            scratch.place(w, panel, i / format.blockLength());
            kernel.decode().run(panels, scratch.count / format.blockLength(), scratch);
            if (kernel.quantizesTokens()) {
                QuantizedProduct.multiply(scratch, quantized, i, w.columns(), tokens);
            } else {
                multiplyDecoded(scratch, i, tokens);
            }
        }
        if (kernel.quantizesTokens()) {
            QuantizedProduct.finish(scratch, quantized, w.columns(), tokens);
        }
    }

    /// A decoded chunk with all tokens, a part of the rows at a time, which the first cache holds beside six tokens; in
    /// the place of those beyond the last, that one again.
    private void multiplyDecoded(PanelScratch scratch, int i, int tokens) {
        int count = scratch.count;
        int last = tokens - 1;
        int begin = i * tokens;
        for (int r = 0; r < ROWS; r += WIDTH) {
            for (int t = 0; t < tokens; t += HEIGHT) {
                TileKernel.multiply(
                        scratch.weights,
                        r * CHUNK,
                        laid,
                        begin + t * count,
                        begin + Math.min(t + 1, last) * count,
                        begin + Math.min(t + 2, last) * count,
                        begin + Math.min(t + 3, last) * count,
                        begin + Math.min(t + 4, last) * count,
                        begin + Math.min(t + 5, last) * count,
                        count,
                        scratch.results,
                        t * ROWS + r,
                        ROWS);
            }
        }
    }
}
