package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;

import jdk.incubator.vector.FloatVector;

/// Products of small matrices of f32, row-major, in pieces of [#ROWS] rows and [#COLUMNS] columns: what lies
/// in registers while a piece is summed up.
///
/// Attention's own beside [TileKernel]: its matrices lie a stride apart and its groups of queries come in fours and eights, which
/// [TileKernel]'s layout and six rows would have it copy and pad.
final class Tile {
    static final int ROWS = 4;
    static final int COLUMNS = 2 * COUNT;

    private Tile() {}

    /// {@return `count` rounded up to whole pieces}
    static int columns(int count) {
        return Math.ceilDiv(count, COLUMNS) * COLUMNS;
    }

    /// {@return `count` rounded up to whole pieces}
    static int rows(int count) {
        return Math.ceilDiv(count, ROWS) * ROWS;
    }

    /// `c[i,j] += Σ_k a[i,k] · b[k,j]` for [#ROWS] rows `i` and `columns` columns `j`, whole pieces. Rows are
    /// `aStride`, `bStride` and `cStride` apart; `b` begins at `b[0]`.
    static void multiply(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bStride,
            int count,
            float[] c,
            int cAt,
            int cStride,
            int columns) {
        for (int j = 0; j < columns; j += COLUMNS) {
            piece(a, aAt, aStride, b, j, bStride, count, c, cAt + j, cStride);
        }
    }

    private static void piece(
            float[] a,
            int aAt,
            int aStride,
            float[] b,
            int bAt,
            int bStride,
            int count,
            float[] c,
            int cAt,
            int cStride) {
        int a1 = aAt + aStride;
        int a2 = a1 + aStride;
        int a3 = a2 + aStride;
        int c1 = cAt + cStride;
        int c2 = c1 + cStride;
        int c3 = c2 + cStride;
        FloatVector s0 = load(c, cAt);
        FloatVector t0 = load(c, cAt + COUNT);
        FloatVector s1 = load(c, c1);
        FloatVector t1 = load(c, c1 + COUNT);
        FloatVector s2 = load(c, c2);
        FloatVector t2 = load(c, c2 + COUNT);
        FloatVector s3 = load(c, c3);
        FloatVector t3 = load(c, c3 + COUNT);
        for (int k = 0; k < count; k++) {
            FloatVector v = load(b, bAt + k * bStride);
            FloatVector w = load(b, bAt + k * bStride + COUNT);
            FloatVector x = splat(a[aAt + k]);
            s0 = v.fma(x, s0);
            t0 = w.fma(x, t0);
            x = splat(a[a1 + k]);
            s1 = v.fma(x, s1);
            t1 = w.fma(x, t1);
            x = splat(a[a2 + k]);
            s2 = v.fma(x, s2);
            t2 = w.fma(x, t2);
            x = splat(a[a3 + k]);
            s3 = v.fma(x, s3);
            t3 = w.fma(x, t3);
        }
        s0.intoArray(c, cAt);
        t0.intoArray(c, cAt + COUNT);
        s1.intoArray(c, c1);
        t1.intoArray(c, c1 + COUNT);
        s2.intoArray(c, c2);
        t2.intoArray(c, c2 + COUNT);
        s3.intoArray(c, c3);
        t3.intoArray(c, c3 + COUNT);
    }
}
