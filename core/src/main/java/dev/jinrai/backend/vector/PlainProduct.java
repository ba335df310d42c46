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

    /// Rows multiplied with one token at a time, for the same reason.
    private static final int ROWS = 4;

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = Q8_0.QS + BLOCK;

    private final Workers workers;
    private final Scratch[] scratch;

    /// One thread's rows as they lie in the file, and the weights of one.
    private static final class Scratch {
        private byte[] bytes = {};
        private float[] weights = {};

        void fit(int columns) {
            if (weights.length < columns) {
                bytes = new byte[ROWS * rowBytes(columns)];
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
                Math.ceilDiv(w.rows(), ROWS),
                Math.max(1, (1 << 12) / n), // some microseconds of work
                (first, last, worker) -> {
                    Scratch s = scratch[worker];
                    s.fit(n);
                    for (int r = first * ROWS; r < last * ROWS; r += ROWS) {
                        int rows = Math.min(ROWS, w.rows() - r);
                        read(w.tensor(), slice, r, rows, s.bytes);
                        if (tokens == 1) {
                            one(s.bytes, rows, n, x, from[0] * n, out, to[0] * w.rows() + r);
                        } else {
                            many(s, rows, n, x, from, tokens, out, to, w.rows(), r);
                        }
                    }
                });
    }

    private static int rowBytes(int columns) {
        return columns / BLOCK * BLOCK_BYTES;
    }

    /// Copies rows: of a memory segment, single bytes are slow until the JIT has compiled their reader.
    private static void read(Tensor tensor, int slice, int r, int rows, byte[] bytes) {
        MemorySegment.copy(
                tensor.data(),
                ValueLayout.JAVA_BYTE,
                tensor.offset(slice, r),
                bytes,
                0,
                rows * rowBytes(tensor.columns()));
    }

    private static float scale(byte[] bytes, int at) {
        return Float.float16ToFloat((short) ((bytes[at] & 0xFF) | (bytes[at + 1] << 8)));
    }

    /// The rows' products with the only token, a sum for each block, scaled and added up; in the place of rows that there are
    /// not, the last one again.
    private static void one(
            byte[] bytes, int rows, int n, float[] x, int from, float[] out, int to) {
        int last = rows - 1;
        int second = Math.min(1, last);
        int third = Math.min(2, last);
        int b1 = second * rowBytes(n);
        int b2 = third * rowBytes(n);
        int b3 = last * rowBytes(n);
        float r0 = 0;
        float r1 = 0;
        float r2 = 0;
        float r3 = 0;
        int at = 0;
        for (int i = from; i < from + n; i += BLOCK) {
            float s0 = 0;
            float s1 = 0;
            float s2 = 0;
            float s3 = 0;
            for (int j = 0; j < BLOCK; j++) {
                float v = x[i + j];
                int code = at + Q8_0.QS + j;
                s0 = Math.fma(bytes[code], v, s0);
                s1 = Math.fma(bytes[b1 + code], v, s1);
                s2 = Math.fma(bytes[b2 + code], v, s2);
                s3 = Math.fma(bytes[b3 + code], v, s3);
            }
            r0 = Math.fma(s0, scale(bytes, at), r0);
            r1 = Math.fma(s1, scale(bytes, b1 + at), r1);
            r2 = Math.fma(s2, scale(bytes, b2 + at), r2);
            r3 = Math.fma(s3, scale(bytes, b3 + at), r3);
            at += BLOCK_BYTES;
        }
        out[to] = r0;
        out[to + second] = r1;
        out[to + third] = r2;
        out[to + last] = r3;
    }

    private static void many(
            Scratch s,
            int rows,
            int n,
            float[] x,
            int[] from,
            int tokens,
            float[] out,
            int[] to,
            int stride,
            int r) {
        for (int i = 0; i < rows; i++) {
            decode(s.bytes, i * rowBytes(n), n, s.weights);
            for (int t = 0; t < tokens; t += TOKENS) {
                multiply(s.weights, n, x, from, t, tokens - 1, out, to, stride, r + i);
            }
        }
    }

    /// Decodes the row that begins at byte `row`.
    private static void decode(byte[] bytes, int row, int n, float[] weights) {
        int at = row;
        for (int i = 0; i < n; i += BLOCK) {
            float scale = scale(bytes, at);
            for (int j = 0; j < BLOCK; j++) {
                weights[i + j] = bytes[at + Q8_0.QS + j] * scale;
            }
            at += BLOCK_BYTES;
        }
    }

    /// The row's products with [#TOKENS] tokens from `t` on; in the place of those beyond the `last`, that one again.
    private static void multiply(
            float[] w,
            int n,
            float[] x,
            int[] from,
            int t,
            int last,
            float[] out,
            int[] to,
            int stride,
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
        out[to[t] * stride + r] = s0;
        out[to[t1] * stride + r] = s1;
        out[to[t2] * stride + r] = s2;
        out[to[t3] * stride + r] = s3;
        out[to[t4] * stride + r] = s4;
        out[to[t5] * stride + r] = s5;
    }
}
