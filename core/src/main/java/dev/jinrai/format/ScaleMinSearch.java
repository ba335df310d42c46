package dev.jinrai.format;

import java.util.Arrays;

/// # The search for a scale and a minimum: `x ≈ scale · q − min`
///
/// Finds codes `q` from 0 to `maxCode` for runs of weights `x` that count `w`. `min` is never
/// negative: zero is always within reach of the codes.
///
/// The first fit spreads the codes over the interval from the smallest weight (or zero) to the
/// largest. Each trial then spreads `maxCode + first + step · t` steps over the interval, rounds and
/// clamps, and solves the weighted least squares for those codes: with `W = Σ w`, `X = Σ w·x`,
/// `Q = Σ w·q`,
///
/// ```
/// scale = (W · Σ w·x·q − X · Q) / D        D = W · Σ w·q² − Q²
/// −min  = (Σ w·q² · X − Q · Σ w·x·q) / D
/// ```
/// or `−min = 0` and `scale = Σ w·x·q / Σ w·q²` where the solution's minimum would be negative. The
/// fit with the least `Σ w·(scale·q − min − x)²`, or `Σ w·|scale·q − min − x|`, wins. A trial that
/// wins also moves the lower end of the interval for the trials after it.
///
/// Source: `make_qkx2_quants` and `make_qkx3_quants` in ggml. The order of each operation is part of
/// the result's bits.
///
/// @param length weights in a run
/// @param maxCode the largest code
/// @param first how many steps the first trial adds to the interval
/// @param step how many more each trial adds
/// @param trials the number of the last trial; they begin at 0
/// @param squared whether the squares of what is missed count, or what is missed itself
record ScaleMinSearch(
        int length, int maxCode, float first, float step, int trials, boolean squared) {

    /// {@return the search with an importance matrix: intervals from 0.9 steps less to 0.9 more}
    static ScaleMinSearch important(int length, int maxCode) {
        return new ScaleMinSearch(length, maxCode, -0.9f, 0.05f, 36, true);
    }

    /// Fits `runs` runs one after another: run `r` is `x[at + r · length] …`, its weights count
    /// `w[r · length] …`, its codes go to `codes[r · length] …`.
    void fit(float[] x, int at, float[] w, int runs, byte[] codes, float[] scales, float[] mins) {
        int fitted = 0;
        if (VectorApi.PRESENT) {
            fitted = runs / Lanes.COUNT * Lanes.COUNT;
            var lanes = new ScaleMinLanes(this);
            for (int r = 0; r < fitted; r += Lanes.COUNT) {
                lanes.fit(x, at, w, r, codes, scales, mins);
            }
        }
        fitPlainly(x, at, w, fitted, runs, codes, scales, mins);
    }

    /// Fits the runs from `first` to `end`, one after another.
    void fitPlainly(
            float[] x,
            int at,
            float[] w,
            int first,
            int end,
            byte[] codes,
            float[] scales,
            float[] mins) {
        byte[] trial = new byte[length];
        for (int r = first; r < end; r++) {
            fit(x, at + r * length, w, r * length, codes, trial, scales, mins, r);
        }
    }

    private void fit(
            float[] x,
            int at,
            float[] w,
            int to,
            byte[] codes,
            byte[] trial,
            float[] scales,
            float[] mins,
            int run) {
        float low = 0;
        float high = x[at];
        float sumW = 0;
        float sumX = 0;
        for (int i = 0; i < length; i++) {
            float v = x[at + i];
            low = Math.min(low, v);
            high = Math.max(high, v);
            sumW += w[to + i];
            sumX += w[to + i] * v;
        }
        if (low == high) {
            Arrays.fill(codes, to, to + length, (byte) 0);
            scales[run] = 0;
            mins[run] = -low;
            return;
        }
        float inverse = maxCode / (high - low);
        float scale = 1 / inverse;
        round(x, at, low, inverse, trial);
        System.arraycopy(trial, 0, codes, to, length);
        float least = error(x, at, w, to, trial, scale, low);
        for (int t = 0; t <= trials; t++) {
            inverse = (first + step * t + maxCode) / (high - low);
            round(x, at, low, inverse, trial);
            float sumQ = 0;
            float sumQq = 0;
            float sumXq = 0;
            for (int i = 0; i < length; i++) {
                float wq = w[to + i] * trial[i];
                sumQ += wq;
                sumQq += wq * trial[i];
                sumXq += wq * x[at + i];
            }
            float determinant = sumW * sumQq - sumQ * sumQ;
            if (!(determinant > 0)) {
                continue;
            }
            float trialScale = (sumW * sumXq - sumX * sumQ) / determinant;
            float trialLow = (sumQq * sumX - sumQ * sumXq) / determinant;
            if (trialLow > 0) {
                trialLow = 0;
                trialScale = sumXq / sumQq;
            }
            float error = error(x, at, w, to, trial, trialScale, trialLow);
            if (error < least) {
                least = error;
                scale = trialScale;
                low = trialLow;
                System.arraycopy(trial, 0, codes, to, length);
            }
        }
        scales[run] = scale;
        mins[run] = -low;
    }

    private void round(float[] x, int at, float low, float inverse, byte[] codes) {
        for (int i = 0; i < codes.length; i++) {
            int q = Rounding.nearest(inverse * (x[at + i] - low));
            codes[i] = (byte) Math.clamp(q, 0, maxCode);
        }
    }

    private float error(
            float[] x, int at, float[] w, int from, byte[] codes, float scale, float low) {
        float sum = 0;
        for (int i = 0; i < codes.length; i++) {
            float miss = scale * codes[i] + low - x[at + i];
            sum += w[from + i] * (squared ? miss * miss : Math.abs(miss));
        }
        return sum;
    }
}
