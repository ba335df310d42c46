package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Lanes.COUNT;

/// One thread's working memory, grown to the largest that was needed.
final class Scratch {
    final float[] lanes = new float[COUNT];
    final Turns turns = new Turns();
    private float[] scores = {};

    float[] scores(int positions) {
        if (scores.length < positions) {
            scores = new float[Math.ceilDiv(positions, BLOCK) * BLOCK];
        }
        return scores;
    }
}
