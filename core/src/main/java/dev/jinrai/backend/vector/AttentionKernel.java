package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;

import dev.jinrai.backend.Heads;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/// Attention of one query head of one token over its timeline: scores, softmax, weighted values.
final class AttentionKernel {
    private AttentionKernel() {}

    /// @param q the query, from `q[qAt]`
    /// @param positions how many positions are seen, the token's own included
    /// @param scores scratch for that many
    /// @param lanes scratch for the lanes of a register
    static void attend(
            float[] out,
            int outAt,
            float[] q,
            int qAt,
            BlockedKvCache cache,
            int layer,
            int shared,
            int positions,
            Heads heads,
            float[] scores,
            float[] lanes) {
        int keyLength = heads.keyLength();
        for (int p = 0; p < positions; p++) {
            float[] keys = cache.keys(layer, p / BLOCK);
            int at = (shared * BLOCK + p % BLOCK) * keyLength;
            scores[p] = Dot.dot(keys, at, q, qAt, keyLength, lanes) * heads.scale();
        }
        float sum = softmax(scores, positions, lanes);

        int valueLength = heads.valueLength();
        Arrays.fill(out, outAt, outAt + valueLength, 0);
        for (int p = 0; p < positions; p++) {
            float[] values = cache.values(layer, p / BLOCK);
            int at = (shared * BLOCK + p % BLOCK) * valueLength;
            Dot.addScaled(out, outAt, scores[p], values, at, valueLength);
        }
        for (int i = outAt; i < outAt + valueLength; i++) {
            out[i] /= sum;
        }
    }

    /// Replaces `scores[0 … n - 1]` by `exp(score - largest)`.
    ///
    /// @return their sum
    static float softmax(float[] scores, int n, float[] lanes) {
        float max = Float.NEGATIVE_INFINITY;
        for (int p = 0; p < n; p++) {
            max = Math.max(max, scores[p]);
        }
        FloatVector sums = FloatVector.zero(FLOATS);
        int p = 0;
        for (; p <= n - COUNT; p += COUNT) {
            FloatVector e = Exp.exp(FloatVector.fromArray(FLOATS, scores, p).sub(max));
            e.intoArray(scores, p);
            sums = sums.add(e);
        }
        sums.intoArray(lanes, 0);
        float sum = Lanes.sum(lanes);
        for (; p < n; p++) {
            scores[p] = Exp.exp(scores[p] - max);
            sum += scores[p];
        }
        return sum;
    }
}
