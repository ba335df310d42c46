package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.BlockedKvCache.BLOCK;
import static dev.jinrai.backend.vector.Lanes.COUNT;

/// One thread's working memory, grown to the largest that was needed.
final class Scratch {
    final float[] lanes = new float[COUNT];
    private float[] row = {};
    private float[] scales = {};
    private float[] sums = {};
    private float[] scores = {};

    float[] row(int length) {
        if (row.length < length) {
            row = new float[length];
        }
        return row;
    }

    float[] scales(int length) {
        if (scales.length < length) {
            scales = new float[length];
        }
        return scales;
    }

    float[] sums(int length) {
        if (sums.length < length / 32 + 1) {
            sums = new float[length / 32 + 1];
        }
        return sums;
    }

    float[] scores(int positions) {
        if (scores.length < positions) {
            scores = new float[Math.ceilDiv(positions, BLOCK) * BLOCK];
        }
        return scores;
    }
}
