package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;

/// One thread's working memory, grown to the largest that was needed.
final class Scratch {
    /// Rows decoded at a time: as many as fit the second cache beside four tokens.
    static final int PANEL = 16;

    final float[] lanes = new float[COUNT];
    private final float[][] rows = new float[PANEL][0];
    private float[] scales = {};
    private float[] sums = {};

    /// {@return room for `length` decoded weights, one of [#PANEL]}
    float[] row(int i, int length) {
        if (rows[i].length < length) {
            rows[i] = new float[length];
        }
        return rows[i];
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
}
