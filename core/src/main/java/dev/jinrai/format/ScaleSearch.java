package dev.jinrai.format;

import java.util.Arrays;

/// # The search for one scale: `x ≈ scale · q`
///
/// Finds codes `q` from `−limit` to `limit − 1` for runs of weights `x` that count `w`: `x²` without an
/// importance matrix, what is large has to be right.
///
/// For given codes the best scale is that of least squares, `Σ w·x·q / Σ w·q²`. It leaves an error
/// of `Σ w·x² − (Σ w·x·q)² / Σ w·q²`, so the best codes are those with the largest subtrahend. They
/// come from nineteen trials: the extreme weight at `−limit`, then at `−limit` minus and plus 0.1 to
/// 0.9 steps, the others in proportion, all rounded and clamped.
///
/// Source: `make_qx_quants` in ggml, with `rmse_type` 1. The order of the trials and of each operation
/// is part of the result's bits.
///
/// @param length weights in a run
/// @param limit half the number of codes
record ScaleSearch(int length, int limit) {
    /// Runs whose largest weight is below this are taken for zero.
    static final float NOTHING = 1e-15f;

    /// How many tenths of a step each trial is off. The unshifted trial first: a later one has to be
    /// better, not equal.
    static final int[] SHIFTS = {0, -9, -8, -7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    /// Fits `runs` runs one after another: run `r` is `x[at + r · length] …`, its weights count
    /// `w[r · length] …`, and `q + limit` goes to `codes[r · length] …`.
    ///
    /// A scale has the sign opposite to the extreme weight's, or is 0, with zeros as codes, for a run
    /// of nothing.
    void fit(float[] x, int at, float[] w, int runs, byte[] codes, float[] scales) {
        int fitted = 0;
        if (VectorApi.PRESENT) {
            fitted = runs / Lanes.COUNT * Lanes.COUNT;
            var lanes = new ScaleLanes(this);
            for (int r = 0; r < fitted; r += Lanes.COUNT) {
                lanes.fit(x, at, w, r, codes, scales);
            }
        }
        fitPlainly(x, at, w, fitted, runs, codes, scales);
    }

    /// Fits the runs from `first` to `end`, one after another.
    void fitPlainly(
            float[] x, int at, float[] w, int first, int end, byte[] codes, float[] scales) {
        byte[] trial = new byte[length];
        for (int r = first; r < end; r++) {
            scales[r] = fit(x, at + r * length, w, codes, r * length, trial);
        }
    }

    private float fit(float[] x, int at, float[] w, byte[] codes, int to, byte[] trial) {
        float extreme = extreme(x, at, length);
        if (Math.abs(extreme) < NOTHING) {
            Arrays.fill(codes, to, to + length, (byte) 0);
            return 0;
        }
        float scale = 0;
        float best = 0;
        for (int shift : SHIFTS) {
            float inverse = -(limit + 0.1f * shift) / extreme;
            float wxq = 0;
            float wqq = 0;
            for (int i = 0; i < length; i++) {
                float v = x[at + i];
                int q = Math.clamp(Rounding.nearest(inverse * v), -limit, limit - 1);
                wxq += w[to + i] * v * q;
                wqq += w[to + i] * q * q;
                trial[i] = (byte) (q + limit);
            }
            boolean better = wqq > 0 && (shift == 0 || wxq * wxq > best * wqq);
            if (better) {
                scale = wxq / wqq;
                best = scale * wxq;
            }
            if (better || shift == 0) {
                System.arraycopy(trial, 0, codes, to, length);
            }
        }
        return scale;
    }

    /// {@return the weight farthest from zero, with its sign; the first of equals}
    static float extreme(float[] x, int at, int length) {
        float extreme = 0;
        for (int i = 0; i < length; i++) {
            if (Math.abs(x[at + i]) > Math.abs(extreme)) {
                extreme = x[at + i];
            }
        }
        return extreme;
    }
}
