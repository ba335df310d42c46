package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// The twin of [PanelProduct] without vectors, for [Q8_0], from the blocks as they lie in the file.
///
/// Lanes of a panel are rows, so a row's sums are the same additions in the same order here, whatever the register width.
final class PlainProduct {
    /// Tokens multiplied at a time: so many sums hide the latency of one.
    private static final int TOKENS = 6;

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = Q8_0.QS + BLOCK;

    private final Workers workers;
    private final Scratch[] scratch;

    /// One thread's row: its codes and its blocks' scales, or its weights.
    private static final class Scratch {
        private byte[] bytes = {};
        private float[] weights = {};

        void fit(int columns) {
            if (weights.length < columns) {
                bytes = new byte[columns / BLOCK * BLOCK_BYTES];
                weights = new float[columns];
            }
        }
    }

    PlainProduct(Workers workers) {
        this.workers = workers;
        scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /// [PanelProduct#multiply]
    void multiply(
            float[] out, int[] to, PanelMatrix w, int slice, float[] x, int[] from, int tokens) {
        int n = w.columns();
        workers.parallel(
                w.rows(),
                Math.max(1, (1 << 14) / n), // some microseconds of work
                (first, last, worker) -> {
                    Scratch s = scratch[worker];
                    s.fit(n);
                    for (int r = first; r < last; r++) {
                        read(w.tensor(), slice, r, s.bytes);
                        if (tokens == 1) {
                            out[to[0] * w.rows() + r] = dot(s.bytes, n, x, from[0] * n);
                        } else {
                            decode(s.bytes, n, s.weights);
                            for (int t = 0; t < tokens; t += TOKENS) {
                                dots(s.weights, n, x, from, t, tokens - 1, out, to, w.rows(), r);
                            }
                        }
                    }
                });
    }

    /// Copies a row: of a memory segment, single bytes are slow until the JIT has compiled their reader.
    private static void read(Tensor tensor, int slice, int r, byte[] bytes) {
        MemorySegment.copy(
                tensor.data(),
                ValueLayout.JAVA_BYTE,
                tensor.offset(slice, r),
                bytes,
                0,
                (int) tensor.rowBytes());
    }

    private static float scale(byte[] bytes, int at) {
        return Float.float16ToFloat((short) ((bytes[at] & 0xFF) | (bytes[at + 1] << 8)));
    }

    /// {@return the row's product with the only token: a sum for each block, scaled and added up}
    private static float dot(byte[] bytes, int n, float[] x, int from) {
        float result = 0;
        for (int i = 0; i < n; i += BLOCK) {
            int at = i / BLOCK * BLOCK_BYTES;
            float sum = 0;
            for (int j = 0; j < BLOCK; j++) {
                sum = Math.fma(bytes[at + Q8_0.QS + j], x[from + i + j], sum);
            }
            result = Math.fma(sum, scale(bytes, at), result);
        }
        return result;
    }

    private static void decode(byte[] bytes, int n, float[] weights) {
        for (int i = 0; i < n; i += BLOCK) {
            int at = i / BLOCK * BLOCK_BYTES;
            float scale = scale(bytes, at);
            for (int j = 0; j < BLOCK; j++) {
                weights[i + j] =
                        Math.fma(bytes[at + Q8_0.QS + j], scale, 0f); // no −0, as with an offset
            }
        }
    }

    /// The row's products with [#TOKENS] tokens from `t` on; in the place of those beyond the `last`, that one again.
    private static void dots(
            float[] w,
            int n,
            float[] x,
            int[] from,
            int t,
            int last,
            float[] out,
            int[] to,
            int rows,
            int r) {
        int t1 = Math.min(t + 1, last);
        int t2 = Math.min(t + 2, last);
        int t3 = Math.min(t + 3, last);
        int t4 = Math.min(t + 4, last);
        int t5 = Math.min(t + 5, last);
        int x0 = from[t] * n;
        int x1 = from[t1] * n;
        int x2 = from[t2] * n;
        int x3 = from[t3] * n;
        int x4 = from[t4] * n;
        int x5 = from[t5] * n;
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        for (int i = 0; i < n; i++) {
            float v = w[i];
            s0 = Math.fma(v, x[x0 + i], s0);
            s1 = Math.fma(v, x[x1 + i], s1);
            s2 = Math.fma(v, x[x2 + i], s2);
            s3 = Math.fma(v, x[x3 + i], s3);
            s4 = Math.fma(v, x[x4 + i], s4);
            s5 = Math.fma(v, x[x5 + i], s5);
        }
        out[to[t] * rows + r] = s0;
        out[to[t1] * rows + r] = s1;
        out[to[t2] * rows + r] = s2;
        out[to[t3] * rows + r] = s3;
        out[to[t4] * rows + r] = s4;
        out[to[t5] * rows + r] = s5;
    }
}
