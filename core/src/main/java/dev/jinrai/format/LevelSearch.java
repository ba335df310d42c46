package dev.jinrai.format;

/// # The search for one scale of uneven levels: `x ≈ scale · level(q)`, [IQ4_NL]'s sixteen
///
/// For given codes the best scale is that of least squares, `Σ w·l·x / Σ w·l²`, with `l` a weight's
/// level and `w` what it counts. It leaves an error of `Σ w·x² − (Σ w·l·x)² / Σ w·l²`, so the best
/// codes are those with the largest subtrahend. They come from sixteen trials: the extreme weight at
/// 127 steps above zero, then at 134 to 120 below, the others in proportion, each at its nearest level.
///
/// Source: `quantize_row_iq4_nl_impl` in ggml with `ntry` 7, as its file tools call it. The order of
/// the trials and of each operation is part of the result's bits.
final class LevelSearch {
    /// Weights in a run.
    static final int LENGTH = 32;

    static final int TRIALS = 7;

    private LevelSearch() {}

    /// Fits `runs` runs one after another: run `r` is `x[at + 32 r] …`, its weights count `w[32 r] …`.
    /// The scale is 0 for a run of nothing.
    static void fit(float[] x, int at, float[] w, int runs, float[] scales) {
        int fitted = 0;
        if (VectorApi.PRESENT) {
            fitted = runs / Lanes.COUNT * Lanes.COUNT;
            var lanes = new LevelLanes();
            for (int r = 0; r < fitted; r += Lanes.COUNT) {
                lanes.fit(x, at, w, r, scales);
            }
        }
        fitPlainly(x, at, w, fitted, runs, scales);
    }

    /// Fits the runs from `first` to `end`, one after another.
    static void fitPlainly(float[] x, int at, float[] w, int first, int end, float[] scales) {
        for (int r = first; r < end; r++) {
            scales[r] = fit(x, at + r * LENGTH, w, r * LENGTH);
        }
    }

    private static float fit(float[] x, int at, float[] w, int from) {
        float extreme = ScaleSearch.extreme(x, at, LENGTH);
        if (Math.abs(extreme) < ScaleSearch.NOTHING) {
            return 0;
        }
        float lowest = IQ4_NL.level(0);
        float scale = 0;
        float best = 0;
        for (int trial = -TRIALS - 1; trial <= TRIALS; trial++) {
            boolean first = trial < -TRIALS;
            float inverse = first ? 1 / (-extreme / lowest) : (trial + lowest) / extreme;
            float wlx = 0;
            float wll = 0;
            for (int i = 0; i < LENGTH; i++) {
                float v = x[at + i];
                float level = IQ4_NL.level(nearest(inverse * v));
                float wl = w[from + i] * level;
                wlx += wl * v;
                wll += wl * level;
            }
            if (wll > 0 && (first || wlx * wlx > best * wll)) {
                scale = wlx / wll;
                best = scale * wlx;
            }
        }
        return scale;
    }

    /// {@return the code whose level is nearest to `x`, the larger one of two}
    static int nearest(float x) {
        float twice = x + x; // beside sums of two levels, which are whole
        int code = 0;
        for (int step = 8; step > 0; step >>= 1) {
            int above = code + step;
            if (twice >= IQ4_NL.level(above - 1) + IQ4_NL.level(above)) {
                code = above;
            }
        }
        return code;
    }
}
