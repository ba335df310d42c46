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
    /// How many tokens' products take as long as taking a chunk apart.
    private static final int DECODING = 6;

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
        MemorySegment[] bands = w.bands(slice, workers);
        int n = w.columns();
        if (w.kernel().quantizesTokens()) {
            quantized.quantize(x, from, tokens, n, w.kernel(), tokens == 1 ? 1 : HEIGHT);
        } else if (tokens > 1) {
            lay(x, from, tokens, n);
        }
        if (tokens == 1) {
            workers.parallel(
                    w.count(),
                    1,
                    (first, last, worker) -> { // what it does not capture, no token allocates
                        int begin = from[0] * w.columns();
                        for (int p = first; p < last; p++) {
                            multiplyOne(bands[p / w.band()], p, w, x, begin, scratch[worker]);
                            store(scratch[worker], p, w, 0, 1, out, to);
                        }
                    });
        } else {
            TokenParts.run(
                    workers,
                    w.count(),
                    tokens,
                    HEIGHT,
                    DECODING,
                    (p, begin, end, worker) -> {
                        multiplyMany(
                                bands[p / w.band()], p, w, tokens, begin, end, scratch[worker]);
                        store(scratch[worker], p, w, begin, end, out, to);
                    });
        }
    }

    /// Puts a panel's products with tokens `begin … end - 1` where they belong.
    private static void store(
            PanelScratch scratch,
            int panel,
            PanelMatrix w,
            int begin,
            int end,
            float[] out,
            int[] to) {
        int row = panel * ROWS;
        int rows = Math.min(ROWS, w.rows() - row);
        for (int t = begin; t < end; t++) {
            System.arraycopy(scratch.results, t * ROWS, out, to[t] * w.rows() + row, rows);
        }
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

    /// The products of one panel with tokens `begin … end - 1` of `tokens`, to [PanelScratch#results]. They are whole tiles, but for the
    /// last of all.
    private void multiplyMany(
            MemorySegment panels,
            int panel,
            PanelMatrix w,
            int tokens,
            int begin,
            int end,
            PanelScratch scratch) {
        Format format = w.tensor().format();
        PanelKernel kernel = w.kernel();
        int whole = Math.ceilDiv(end, HEIGHT) * HEIGHT;
        Arrays.fill(scratch.reserve(tokens), begin * ROWS, whole * ROWS, 0);
        scratch.kernel = kernel;
        for (int i = 0; i < w.columns(); i += CHUNK) {
            scratch.count = Math.min(CHUNK, w.columns() - i);
            scratch.place(w, panel, i / format.blockLength());
            kernel.decode().run(panels, scratch.count / format.blockLength(), scratch);
            if (kernel.quantizesTokens()) {
                QuantizedProduct.multiply(scratch, quantized, i, w.columns(), tokens, begin, end);
            } else {
                multiplyDecoded(scratch, i, tokens, begin, end);
            }
        }
        if (kernel.quantizesTokens()) {
            QuantizedProduct.finish(scratch, quantized, w.columns(), tokens, begin, end);
        }
    }

    /// A decoded chunk with tokens `begin … end - 1`, a part of the rows at a time, which the first cache holds beside six tokens; in
    /// the place of those beyond the last, that one again.
    private void multiplyDecoded(PanelScratch scratch, int i, int tokens, int begin, int end) {
        int count = scratch.count;
        int last = tokens - 1;
        int chunk = i * tokens;
        for (int r = 0; r < ROWS; r += WIDTH) {
            for (int t = begin; t < end; t += HEIGHT) {
                TileKernel.multiply(
                        scratch.weights,
                        r * CHUNK,
                        laid,
                        chunk + t * count,
                        chunk + Math.min(t + 1, last) * count,
                        chunk + Math.min(t + 2, last) * count,
                        chunk + Math.min(t + 3, last) * count,
                        chunk + Math.min(t + 4, last) * count,
                        chunk + Math.min(t + 5, last) * count,
                        count,
                        scratch.results,
                        t * ROWS + r,
                        ROWS);
            }
        }
    }
}
