package dev.jinrai.backend.vector;

import static dev.jinrai.backend.HeapBuffer.data;
import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Registers.COUNT;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import java.util.Arrays;

/// The twin of [GroupedAttention] and [AttentionKernel] without vectors, row by row, for timelines of one part.
///
/// A row's sums do not depend on the rows beside it, so it needs no tiles: positions of a block are scored, the exponentials
/// of the scores added up in the lanes that they have in a register, and the weighted values added in their order.
final class PlainAttention {
    private final Workers workers;
    private final Scratch[] scratch;

    /// One thread's working memory.
    private static final class Scratch {
        private final AttentionScratch blocks = new AttentionScratch();
        private final float[] scores = new float[BLOCK];
        private final float[] sums = new float[COUNT];
        private float[] query = {};
        private float[] weighted = {};

        /// The blocks of one key/value head, decoded.
        private float[][] keys = {};

        private float[][] values = {};

        void fit(Heads heads, int blocks) {
            if (query.length != heads.keyLength() || weighted.length != heads.valueLength()) {
                query = new float[heads.keyLength()];
                weighted = new float[heads.valueLength()];
                keys = new float[0][];
            }
            if (keys.length < blocks) {
                keys = new float[blocks][BLOCK * query.length];
                values = new float[blocks][BLOCK * weighted.length];
            }
        }
    }

    PlainAttention(Workers workers) {
        this.workers = workers;
        scratch = new Scratch[workers.count()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    /// [dev.jinrai.backend.Backend#attention]
    void run(Buffer out, Buffer q, Batch batch, int layer, Heads heads) {
        for (var run : batch.runs()) {
            workers.parallel(
                    heads.kvHeads(),
                    1,
                    (from, to, worker) -> {
                        for (int shared = from; shared < to; shared++) {
                            attend(out, q, run, layer, heads, shared, scratch[worker]);
                        }
                    });
        }
    }

    private static void attend(
            Buffer out, Buffer q, Batch.Run run, int layer, Heads heads, int shared, Scratch s) {
        int end = run.start() + run.count();
        decode((BlockedKvCache) run.cache(), layer, heads, shared, end, s);
        for (int t = 0; t < run.count(); t++) {
            int row = run.first() + t;
            for (int head = shared * heads.group(); head < (shared + 1) * heads.group(); head++) {
                int from = row * q.columns() + head * heads.keyLength();
                for (int i = 0; i < heads.keyLength(); i++) {
                    s.query[i] = data(q)[from + i] * heads.scale();
                }
                attend(s, run.start() + t + 1);
                float sum = Registers.sum(s.sums);
                int to = row * out.columns() + head * heads.valueLength();
                for (int i = 0; i < heads.valueLength(); i++) {
                    data(out)[to + i] = s.weighted[i] / sum;
                }
            }
        }
    }

    private static void decode(
            BlockedKvCache cache, int layer, Heads heads, int shared, int end, Scratch s) {
        int blocks = Math.ceilDiv(end, BLOCK);
        s.fit(heads, blocks);
        for (int b = 0; b < blocks; b++) {
            int count = Math.min(BLOCK, end - b * BLOCK);
            cache.keys(layer, b).get(shared, heads.keyLength(), s.keys[b], BLOCK, s.blocks);
            cache.values(layer, b).get(shared, count, s.values[b], heads.valueLength(), s.blocks);
        }
    }

    /// Adds positions `0 … end - 1` to the sums of the row at hand.
    private static void attend(Scratch s, int end) {
        Arrays.fill(s.sums, 0);
        Arrays.fill(s.weighted, 0);
        float largest = Float.NEGATIVE_INFINITY;
        for (int start = 0; start < end; start += BLOCK) {
            int seen = Math.min(BLOCK, end - start);
            score(s.query, s.keys[start / BLOCK], seen, s.scores);
            float before = largest;
            largest = raised(before, s.scores, seen);
            if (largest != before && before > Float.NEGATIVE_INFINITY) {
                float factor = Exp.exp(before - largest);
                scale(s.sums, factor);
                scale(s.weighted, factor);
            }
            for (int p = 0; p < seen; p++) {
                float e = Exp.exp(s.scores[p] - largest);
                s.scores[p] = e;
                s.sums[p % COUNT] += e;
            }
            weigh(s.scores, s.values[start / BLOCK], seen, s.weighted);
        }
    }

    private static void score(float[] query, float[] keys, int seen, float[] scores) {
        Arrays.fill(scores, 0);
        for (int i = 0; i < query.length; i++) {
            for (int p = 0; p < seen; p++) {
                scores[p] = Math.fma(keys[i * BLOCK + p], query[i], scores[p]);
            }
        }
    }

    /// {@return the largest score if one is above `largest`, NaN if one is NaN as well, else `largest`}
    private static float raised(float largest, float[] scores, int seen) {
        boolean exceeds = false;
        float max = Float.NEGATIVE_INFINITY;
        for (int p = 0; p < seen; p++) {
            exceeds |= scores[p] > largest;
            max = Math.max(max, scores[p]);
        }
        return exceeds ? max : largest;
    }

    private static void weigh(float[] scores, float[] values, int seen, float[] weighted) {
        for (int p = 0; p < seen; p++) {
            for (int i = 0; i < weighted.length; i++) {
                weighted[i] = Math.fma(values[p * weighted.length + i], scores[p], weighted[i]);
            }
        }
    }

    private static void scale(float[] x, float factor) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }
}
