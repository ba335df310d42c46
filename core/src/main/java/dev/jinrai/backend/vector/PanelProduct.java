package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Panel.ROWS;
import static dev.jinrai.backend.vector.PanelKernel.CHUNK;
import static dev.jinrai.backend.vector.QuantizedTokens.GROUP;
import static dev.jinrai.backend.vector.TileKernel.HEIGHT;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Products of panels with tokens.
///
/// With one token a chunk's bytes are read once, in the order of memory, and only the sums of its sub-blocks scaled.
/// With more, a chunk is taken apart first and stays in the nearest caches while all tokens pass.
final class PanelProduct {
    private final Workers workers;
    private final PanelScratch[] scratch;
    private final QuantizedTokens quantized = new QuantizedTokens();

    /// Chunk `i` of f32 token `t`, of `T` tokens, begins at `laid[i · T + t · length of the chunk]`.
    private float[] laid = {};

    /// Of the sub-blocks of the only token.
    private float[] inputSums = {};

    private final float[][] lanes;
    private final int[][] rounded;

    PanelProduct(Workers workers) {
        this.workers = workers;
        scratch = new PanelScratch[workers.count()];
        Arrays.setAll(scratch, i -> new PanelScratch(quantized));
        lanes = new float[workers.count()][Lanes.COUNT];
        rounded = new int[workers.count()][QuantizedTokens.BLOCK];
    }

    /// `out[to[t] · R + r] = Σ_i w[r,i] · x[from[t] · C + i]` for `tokens` tokens.
    ///
    /// @param from each token's row in `x`
    /// @param to each token's row in `out`
    void multiply(
            float[] out, int[] to, PanelMatrix w, int slice, float[] x, int[] from, int tokens) {
        MemorySegment panels = w.panels(slice, workers);
        if (w.kernel().quantizes()) {
            quantize(w, x, from, tokens);
        } else if (tokens > 1) {
            lay(w.columns(), x, from, tokens);
        } else if (w.kernel().zero() != 0) {
            sum(x, from[0] * w.columns(), w.columns(), w.kernel().sub());
        }
        workers.parallel(
                Panel.count(w.rows()),
                1,
                (first, last, worker) -> {
                    for (int p = first; p < last; p++) {
                        multiply(panels, p * w.panelBytes(), w, x, from, tokens, scratch[worker]);
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

    private void sum(float[] x, int from, int n, int sub) {
        if (inputSums.length < n / sub) {
            inputSums = new float[n / sub];
        }
        for (int i = 0; i < n; i += sub) {
            inputSums[i / sub] = QuantizedTokens.sum(x, from + i, sub, lanes[0]);
        }
    }

    /// Copies tokens to [#laid], chunk by chunk: of tokens that lie a power of two apart, caches hold but a few.
    private void lay(int n, float[] x, int[] from, int tokens) {
        if (laid.length < tokens * n) {
            laid = new float[Math.multiplyExact(tokens, n)];
        }
        workers.parallel(
                tokens,
                Math.max(1, (1 << 14) / n),
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

    private void quantize(PanelMatrix w, float[] x, int[] from, int tokens) {
        int n = w.columns();
        quantized.shape(tokens, n);
        workers.parallel(
                tokens,
                Math.max(1, (1 << 14) / n), // some microseconds of work
                (first, last, worker) -> {
                    for (int t = first; t < last; t++) {
                        quantized.fill(
                                x, from[t] * n, t, w.kernel(), lanes[worker], rounded[worker]);
                    }
                });
    }

    /// The products of one panel, to [PanelScratch#results].
    private void multiply(
            MemorySegment panels,
            long at,
            PanelMatrix w,
            float[] x,
            int[] from,
            int tokens,
            PanelScratch scratch) {
        Format format = w.tensor().format();
        PanelKernel kernel = w.kernel();
        int n = w.columns();
        int whole = Math.ceilDiv(tokens, HEIGHT) * HEIGHT;
        Arrays.fill(scratch.reserve(tokens), 0, tokens == 1 ? ROWS : whole * ROWS, 0);
        scratch.kernel = kernel;
        scratch.inputs = x;
        scratch.inputSums = inputSums;
        scratch.firstInput = from[0] * n;
        long block = at;
        for (int i = 0; i < n; i += CHUNK) {
            int count = Math.min(CHUNK, n - i);
            int blocks = count / format.blockLength();
            scratch.count = count;
            if (tokens == 1) {
                scratch.fetched +=
                        Panel.fetch(panels, block, blocks * (long) format.blockBytes() * ROWS);
                scratch.input = kernel.quantizes() ? i : from[0] * n + i;
                kernel.multiply().run(panels, block, blocks, scratch);
            } else {
                kernel.decode().run(panels, block, blocks, scratch);
                if (kernel.quantizes()) {
                    multiplyCodes(scratch, i, count, tokens);
                } else {
                    multiplyDecoded(scratch, laid, i, count, tokens);
                }
            }
            block += blocks * (long) format.blockBytes() * ROWS;
        }
    }

    /// A chunk's codes with a token's, summed up sub-block by sub-block.
    static void multiply(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        QuantizedTokens tokens = scratch.tokens;
        for (int r = 0; r < ROWS; r += CodeTile.STEP) {
            CodeTile.multiply(
                    scratch.codes,
                    r,
                    tokens.firsts,
                    scratch.input / CodeTile.SUB,
                    tokens.codes,
                    scratch.input,
                    scratch.count / CodeTile.SUB,
                    scratch.codeSums,
                    r);
        }
    }

    /// A chunk's codes with all tokens', four at a time; in the place of those beyond the last is anything.
    private static void multiplyCodes(PanelScratch scratch, int i, int count, int tokens) {
        PanelKernel kernel = scratch.kernel();
        QuantizedTokens x = scratch.tokens;
        int subs = count / CodeTile.SUB;
        int last = tokens - 1;
        for (int t = 0; t < tokens; t += GROUP) {
            for (int r = 0; r < ROWS; r += CodeTile.STEP) {
                CodeTile.multiply4(
                        scratch.codes,
                        r,
                        x.firsts,
                        x.first(i, t),
                        x.codes,
                        x.code(i, t),
                        subs,
                        scratch.codeSums,
                        r);
            }
            for (int j = 0; j < Math.min(GROUP, tokens - t); j++) {
                PanelTile.scale(
                        scratch.scales,
                        scratch.codeSums,
                        j,
                        x.scales,
                        x.block(i, t + j),
                        subs,
                        scratch.results,
                        (t + j) * ROWS);
            }
        }
        if (!kernel.offset()) {
            return;
        }
        PanelTile.layOffsets(scratch.offsets, subs, scratch.weights);
        for (int r = 0; r < ROWS; r += WIDTH) {
            for (int t = 0; t < tokens; t += HEIGHT) {
                TileKernel.multiply(
                        scratch.weights,
                        r * CHUNK,
                        x.sums,
                        x.block(i, t),
                        x.block(i, Math.min(t + 1, last)),
                        x.block(i, Math.min(t + 2, last)),
                        x.block(i, Math.min(t + 3, last)),
                        x.block(i, Math.min(t + 4, last)),
                        x.block(i, Math.min(t + 5, last)),
                        subs,
                        scratch.results,
                        t * ROWS + r,
                        ROWS);
            }
        }
    }

    /// A decoded chunk with all tokens, a part of the rows at a time, which the first cache holds beside six tokens; in
    /// the place of those beyond the last, that one again.
    private static void multiplyDecoded(
            PanelScratch scratch, float[] x, int i, int count, int tokens) {
        int last = tokens - 1;
        int begin = i * tokens;
        for (int r = 0; r < ROWS; r += WIDTH) {
            for (int t = 0; t < tokens; t += HEIGHT) {
                TileKernel.multiply(
                        scratch.weights,
                        r * CHUNK,
                        x,
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

    /// Decodes a chunk to f32.
    static void decode(MemorySegment src, long at, int blocks, PanelScratch scratch) {
        int sub = scratch.kernel().sub();
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
