package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.TileKernel.HEIGHT;
import static dev.jinrai.backend.vector.TileKernel.WIDTH;

import dev.jinrai.backend.Tensor;
import java.util.Arrays;

/// Products of rows as they lie in the file with tokens.
///
/// Few tokens are multiplied one by one, with rows as they are or, of a format with blocks, decoded. Many are laid side by side, a register's lanes each a token, and
/// the work is cut twice: a thread decodes [#PANEL] rows to f32, which stay in its second cache while all tokens
/// pass, and of these it multiplies [#DEPTH] values at a time with a group of tokens, which stay in
/// the first cache while all rows pass. Every sum is added up in the order of the row's values, however
/// the work is cut.
final class RowProduct {
    /// Fewest tokens that are worth a tile.
    private static final int MANY = WIDTH / 4;

    /// Rows decoded at a time.
    private static final int PANEL = 8 * HEIGHT;

    /// Values of a group of tokens that are multiplied before the next: 32 KiB with registers of 512 bits.
    private static final int DEPTH = 256;

    /// How many tokens' products take as long as decoding a panel; an estimate.
    private static final int DECODING = 4;

    /// A cache line between decoded rows: of rows that lie a power of two apart, caches hold but a few.
    private static final int PADDING = 16;

    private final Workers workers;
    private final Scratch[] scratch;

    /// Value `i` of token `t` of a group: `tokens[(group · length + i) · WIDTH + t]`. The places of tokens
    /// that the last group lacks hold what was there before, and nobody reads their products.
    private float[] tokens = {};

    /// One thread's decoded rows, and their products with a group of tokens.
    private static final class Scratch {
        private final float[] lanes = new float[Lanes.COUNT];
        private final float[] sums = new float[PANEL * WIDTH];
        private float[] rows = {};
    }

    RowProduct(Workers workers) {
        this.workers = workers;
        scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /// `out[to[t] · R + r] = Σ_i w[r,i] · x[from[t] · C + i]` for `count` tokens.
    ///
    /// @param from each token's row in `x`
    /// @param to each token's row in `out`
    void multiply(float[] out, int[] to, RowMatrix w, int slice, float[] x, int[] from, int count) {
        if (count < MANY) {
            few(out, to, w, slice, x, from, count);
            return;
        }
        layTokens(x, from, count, w.columns());
        TokenParts.run(
                workers,
                Math.ceilDiv(w.rows(), PANEL),
                count,
                WIDTH,
                DECODING,
                (p, begin, end, worker) -> {
                    int r = p * PANEL;
                    int rows = Math.min(PANEL, w.rows() - r);
                    decode(w, slice, r, rows, scratch[worker]);
                    for (int t = begin; t < end; t += WIDTH) {
                        int group = t / WIDTH;
                        multiply(scratch[worker], rows, w.columns(), group);
                        int here = Math.min(WIDTH, end - t);
                        store(scratch[worker].sums, rows, here, out, to, group, r, w.rows());
                    }
                });
    }

    private void few(
            float[] out, int[] to, RowMatrix w, int slice, float[] x, int[] from, int count) {
        workers.parallel(
                w.rows(),
                Math.max(1, (1 << 14) / w.columns()), // some microseconds of work
                (first, last, worker) -> {
                    for (int r = first; r < last; r++) {
                        switch (w.kernel()) {
                            case DotKernel kernel ->
                                    dots(out, to, w, kernel, slice, r, x, from, count, worker);
                            default -> decoded(out, to, w, slice, r, x, from, count, worker);
                        }
                    }
                });
    }

    /// Row `r` with each token, as it lies in the file.
    private void dots(
            float[] out,
            int[] to,
            RowMatrix w,
            DotKernel kernel,
            int slice,
            int r,
            float[] x,
            int[] from,
            int count,
            int worker) {
        Tensor tensor = w.tensor();
        long offset = tensor.offset(slice, r);
        int n = w.columns();
        float[] lanes = scratch[worker].lanes;
        for (int t = 0; t < count; t++) {
            out[to[t] * w.rows() + r] = kernel.dot(tensor.data(), offset, n, x, from[t] * n, lanes);
        }
    }

    /// Row `r` with each token, decoded once.
    private void decoded(
            float[] out,
            int[] to,
            RowMatrix w,
            int slice,
            int r,
            float[] x,
            int[] from,
            int count,
            int worker) {
        int n = w.columns();
        decode(w, slice, r, 1, scratch[worker]);
        for (int t = 0; t < count; t++) {
            out[to[t] * w.rows() + r] =
                    Dot.dot(scratch[worker].rows, 0, x, from[t] * n, n, scratch[worker].lanes);
        }
    }

    private void layTokens(float[] x, int[] from, int count, int n) {
        int groups = Math.ceilDiv(count, WIDTH);
        int size = Math.multiplyExact(groups * WIDTH, n);
        if (tokens.length < size) {
            tokens = new float[size];
        }
        int runs = Math.ceilDiv(n, DEPTH);
        workers.parallel(
                groups * runs,
                1,
                (first, last, worker) -> {
                    for (int i = first; i < last; i++) {
                        int group = i / runs;
                        int begin = i % runs * DEPTH;
                        int end = Math.min(n, begin + DEPTH);
                        for (int t = group * WIDTH; t < Math.min(count, (group + 1) * WIDTH); t++) {
                            layToken(
                                    x,
                                    from[t] * n + begin,
                                    end - begin,
                                    tokens,
                                    (group * n + begin) * WIDTH + t % WIDTH);
                        }
                    }
                });
    }

    private static void layToken(float[] x, int from, int count, float[] tokens, int to) {
        for (int i = 0; i < count; i++) {
            tokens[to + i * WIDTH] = x[from + i];
        }
    }

    private static void decode(RowMatrix w, int slice, int r, int rows, Scratch scratch) {
        int n = w.columns();
        int stride = n + PADDING;
        if (scratch.rows.length < PANEL * stride) {
            scratch.rows = new float[PANEL * stride];
        }
        for (int i = 0; i < rows; i++) {
            w.decode(slice, r + i, scratch.rows, i * stride);
        }
    }

    /// The decoded rows times one group of tokens. The last tile takes whatever lies in the rows' places.
    private void multiply(Scratch scratch, int rows, int n, int group) {
        Arrays.fill(scratch.sums, 0);
        for (int i = 0; i < n; i += DEPTH) {
            int count = Math.min(DEPTH, n - i);
            for (int r = 0; r < rows; r += HEIGHT) {
                int stride = n + PADDING;
                int row = r * stride + i;
                TileKernel.multiply(
                        tokens,
                        (group * n + i) * WIDTH,
                        scratch.rows,
                        row,
                        row + stride,
                        row + 2 * stride,
                        row + 3 * stride,
                        row + 4 * stride,
                        row + 5 * stride,
                        count,
                        scratch.sums,
                        r * WIDTH,
                        WIDTH);
            }
        }
    }

    /// Puts the sums of `count` tokens where they belong: tokens are neighbours in the sums, rows in the result.
    private static void store(
            float[] sums,
            int rows,
            int count,
            float[] out,
            int[] to,
            int group,
            int r,
            int stride) {
        for (int t = 0; t < count; t++) {
            int at = to[group * WIDTH + t] * stride + r;
            for (int i = 0; i < rows; i++) {
                out[at + i] = sums[i * WIDTH + t];
            }
        }
    }
}
