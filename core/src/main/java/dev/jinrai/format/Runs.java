package dev.jinrai.format;

/// What the searches found for the runs of a row: codes, and for each run a scale and a minimum.
final class Runs {
    /// How many: of sixteen weights; formats with runs of 32 use half.
    final int count;

    final byte[] codes;
    final float[] scales;
    final float[] mins;

    Runs(int weights) {
        count = weights / 16;
        codes = new byte[weights];
        scales = new float[count];
        mins = new float[count];
    }

    /// {@return the largest of `count` values, or 0}
    static float largest(float[] values, int at, int count) {
        float largest = 0;
        for (int i = at; i < at + count; i++) {
            largest = Math.max(largest, values[i]);
        }
        return largest;
    }

    /// {@return the value farthest from zero, with its sign; the first of equals}
    static float extreme(float[] values, int at, int count) {
        return ScaleSearch.extreme(values, at, count);
    }

    /// The codes from 0 to `maxCode` for which `scale · q − min` is nearest to the weights. Where
    /// `scale` is zero every code means the same, and those of the search stay.
    static void round(
            float[] src,
            int at,
            int length,
            float scale,
            float min,
            int maxCode,
            byte[] codes,
            int to) {
        if (scale == 0) {
            return;
        }
        for (int j = 0; j < length; j++) {
            int q = Rounding.nearest((src[at + j] + min) / scale);
            codes[to + j] = (byte) Math.clamp(q, 0, maxCode);
        }
    }

    /// The codes from 0 to `2 · zero − 1` for which `scale · (q − zero)` is nearest to the weights, in
    /// the same way.
    static void roundAround(
            float[] src, int at, int length, float scale, int zero, byte[] codes, int to) {
        if (scale == 0) {
            return;
        }
        for (int j = 0; j < length; j++) {
            int q = Rounding.nearest(src[at + j] / scale);
            codes[to + j] = (byte) (Math.clamp(q, -zero, zero - 1) + zero);
        }
    }
}
