package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.splat;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.jinrai.backend.Heads;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Attention of a tile of queries over a stretch of one key/value head, block by block.
///
/// The queries are those of consecutive tokens, for each token all heads of the group: row `r` is head
/// `r % group` of token `r / group`. Each block is decoded once for all of them. Softmax is taken as the blocks
/// come (Milakov & Gimelshein 2018, arXiv:1805.02867; Dao et al. 2022, arXiv:2205.14135): a row keeps its largest
/// score, and sums of exponentials relative to it; where a block raises the largest, the sums shrink.
///
/// The order of every sum is that of the positions, in lanes, whatever the tile: a row's result depends on where
/// the stretch begins and ends, not on the rows beside it.
final class AttentionKernel {
    private AttentionKernel() {}

    /// Copies the queries of `tokens` tokens, from row `first` of `q` with `columns` columns, and starts their
    /// sums.
    ///
    /// @param shared the key/value head
    static void begin(
            AttentionScratch s,
            float[] q,
            int columns,
            int first,
            int tokens,
            int shared,
            Heads heads) {
        int group = heads.group();
        int rows = tokens * group;
        int keyLength = heads.keyLength();
        s.fit(heads, Tile.rows(rows));
        for (int t = 0; t < tokens; t++) {
            scale(
                    q,
                    (first + t) * columns + shared * group * keyLength,
                    heads.scale(),
                    s.queries,
                    t * group * keyLength,
                    group * keyLength);
        }
        Arrays.fill(s.queries, rows * keyLength, Tile.rows(rows) * keyLength, 0);
        Arrays.fill(s.largest, 0, Tile.rows(rows), Float.NEGATIVE_INFINITY);
        Arrays.fill(s.sums, 0, Tile.rows(rows) * COUNT, 0);
        Arrays.fill(s.weighted, 0, Tile.rows(rows) * Tile.columns(heads.valueLength()), 0);
    }

    /// Adds positions `from … to - 1` to the sums of the queries of `tokens` tokens, the first of which stands
    /// at `position`; `from` begins a block. Each token sees positions up to its own.
    static void attend(
            AttentionScratch s,
            BlockedKvCache cache,
            int layer,
            int shared,
            Heads heads,
            int position,
            int tokens,
            int from,
            int to) {
        int group = heads.group();
        int keyLength = heads.keyLength();
        int stride = Tile.columns(heads.valueLength());
        for (int start = from; start < to; start += BLOCK) {
            int count = Math.min(BLOCK, to - start);
            cache.keys(layer, start / BLOCK).get(shared, keyLength, s.keys, BLOCK, s);
            cache.values(layer, start / BLOCK).get(shared, count, s.values, stride, s);
            for (int r = 0; r < tokens * group; r += Tile.ROWS) {
                int last = Math.min(tokens - 1, (r + Tile.ROWS - 1) / group);
                int seen =
                        Math.min(count, position + last + 1 - start); // by the last of these rows
                if (seen <= 0) {
                    continue;
                }
                int width = Tile.columns(seen);
                Arrays.fill(s.scores, r * BLOCK, (r + Tile.ROWS) * BLOCK, 0);
                Tile.multiply(
                        s.queries,
                        r * keyLength,
                        keyLength,
                        s.keys,
                        BLOCK,
                        keyLength,
                        s.scores,
                        r * BLOCK,
                        BLOCK,
                        width);
                for (int i = r; i < r + Tile.ROWS; i++) {
                    int token = Math.min(tokens - 1, i / group);
                    softmax(s, i, Math.min(count, position + token + 1 - start), width, stride);
                }
                // By its first row, and so by all.
                int common = Math.clamp(position + r / group + 1L - start, 0, seen);
                Tile.multiply(
                        s.scores,
                        r * BLOCK,
                        BLOCK,
                        s.values,
                        stride,
                        common,
                        s.weighted,
                        r * stride,
                        stride,
                        stride);
                for (int i = r; i < r + Tile.ROWS; i++) {
                    int token = Math.min(tokens - 1, i / group);
                    int own = Math.min(count, position + token + 1 - start);
                    addAlone(s, i, common, own, stride);
                }
            }
        }
    }

    /// Adds the weighted values `from … to - 1` of a block, which not all rows of its tile see, to `row` alone: the
    /// others' weight of 0 would make NaN of an infinite value.
    private static void addAlone(AttentionScratch s, int row, int from, int to, int stride) {
        for (int p = from; p < to; p++) {
            Dot.addScaled(
                    s.weighted,
                    row * stride,
                    s.scores[row * BLOCK + p],
                    s.values,
                    p * stride,
                    stride);
        }
    }

    /// Replaces the scores of `row` by `exp(score − largest)`, those beyond the `seen` first by 0, and adds them
    /// to the row's sum.
    private static void softmax(AttentionScratch s, int row, int seen, int width, int stride) {
        int at = row * BLOCK;
        if (seen <= 0) {
            Arrays.fill(s.scores, at, at + width, 0);
            return;
        }
        Arrays.fill(s.scores, at + seen, at + width, Float.NEGATIVE_INFINITY);
        float before = s.largest[row];
        if (exceeds(s.scores, at, width, before)) { // seldom, after a few blocks
            float largest = largest(s.scores, at, width, s.lanes);
            s.largest[row] = largest;
            if (before > Float.NEGATIVE_INFINITY) {
                float factor = Exp.exp(before - largest);
                scale(s.sums, row * COUNT, factor, s.sums, row * COUNT, COUNT);
                scale(s.weighted, row * stride, factor, s.weighted, row * stride, stride);
            }
        }
        exponentials(s.scores, at, width, s.largest[row], s.sums, row * COUNT);
    }

    /// {@return whether one of `width` scores, whole registers, is above `largest`}
    private static boolean exceeds(float[] scores, int at, int width, float largest) {
        FloatVector limit = splat(largest);
        for (int i = at; i < at + width; i += COUNT) {
            if (load(scores, i).compare(GT, limit).anyTrue()) {
                return true;
            }
        }
        return false;
    }

    /// {@return the largest of `width` scores, whole registers}
    private static float largest(float[] scores, int at, int width, float[] lanes) {
        FloatVector max = load(scores, at);
        for (int i = at + COUNT; i < at + width; i += COUNT) {
            max = max.max(load(scores, i));
        }
        max.intoArray(lanes, 0);
        return Registers.largest(lanes);
    }

    /// `x[i] = exp(x[i] − largest)` over `width` values, whole registers, added to `sums` lane by lane.
    private static void exponentials(
            float[] x, int at, int width, float largest, float[] sums, int sumsAt) {
        FloatVector sum = load(sums, sumsAt);
        for (int i = at; i < at + width; i += COUNT) {
            FloatVector e = Exp.exp(load(x, i).sub(largest));
            e.intoArray(x, i);
            sum = sum.add(e);
        }
        sum.intoArray(sums, sumsAt);
    }

    /// Adds what another scratch memory has of the same `rows` rows over a later stretch, as [#save] left it at
    /// `saved[at]`.
    static void merge(AttentionScratch s, int rows, Heads heads, float[] saved, int at) {
        int stride = Tile.columns(heads.valueLength());
        int sums = at + rows * stride;
        int largest = sums + rows * COUNT;
        for (int r = 0; r < rows; r++) {
            float before = s.largest[r];
            float other = saved[largest + r];
            s.largest[r] = Math.max(before, other);
            float factor = Exp.exp(before - s.largest[r]);
            float otherFactor = Exp.exp(other - s.largest[r]);
            add(s.weighted, r * stride, factor, saved, at + r * stride, otherFactor, stride);
            add(s.sums, r * COUNT, factor, saved, sums + r * COUNT, otherFactor, COUNT);
        }
    }

    /// Copies the sums of `rows` rows to `saved[at]` and on, [#saved] values.
    static void save(AttentionScratch s, int rows, Heads heads, float[] saved, int at) {
        int stride = Tile.columns(heads.valueLength());
        System.arraycopy(s.weighted, 0, saved, at, rows * stride);
        System.arraycopy(s.sums, 0, saved, at + rows * stride, rows * COUNT);
        System.arraycopy(s.largest, 0, saved, at + rows * (stride + COUNT), rows);
    }

    /// {@return how many values [#save] writes}
    static int saved(int rows, Heads heads) {
        return rows * (Tile.columns(heads.valueLength()) + COUNT + 1);
    }

    /// Writes the results of the queries that [#begin] took: `weighted / sum`.
    static void finish(
            AttentionScratch s,
            float[] out,
            int columns,
            int first,
            int tokens,
            int shared,
            Heads heads) {
        int group = heads.group();
        int length = heads.valueLength();
        int stride = Tile.columns(length);
        for (int r = 0; r < tokens * group; r++) {
            System.arraycopy(s.sums, r * COUNT, s.lanes, 0, COUNT);
            float sum = Registers.sum(s.lanes);
            int to = (first + r / group) * columns + (shared * group + r % group) * length;
            for (int i = 0; i < length; i++) {
                out[to + i] = s.weighted[r * stride + i] / sum;
            }
        }
    }

    /// `x[at + i] = x[at + i] · factor + y[from + i] · otherFactor` over `n` values, whole registers.
    private static void add(
            float[] x, int at, float factor, float[] y, int from, float otherFactor, int n) {
        for (int i = 0; i < n; i += COUNT) {
            load(y, from + i)
                    .fma(splat(otherFactor), load(x, at + i).mul(factor))
                    .intoArray(x, at + i);
        }
    }

    /// `y[to + i] = x[at + i] · factor` over `n` values.
    private static void scale(float[] x, int at, float factor, float[] y, int to, int n) {
        int i = 0;
        for (; i <= n - COUNT; i += COUNT) {
            load(x, at + i).mul(factor).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = x[at + i] * factor;
        }
    }
}
