package dev.jinrai.format;

import java.util.Arrays;

/// # The search for a scale and a minimum: `x ≈ scale · q − min`
///
/// Finds codes `q` from 0 to `maxCode` for a run of weights `x` of given importance. `min` is never
/// negative: zero is always within reach of the codes.
///
/// The first fit spreads the codes over the interval from the smallest weight (or zero) to the
/// largest. Each trial then spreads `maxCode + first + 0.1 · t` steps over the interval, rounds and
/// clamps, and solves the weighted least squares for those codes: with `W = Σ w`, `X = Σ w·x`,
/// `Q = Σ w·q`,
///
/// ```
/// scale = (W · Σ w·x·q − X · Q) / D        D = W · Σ w·q² − Q²
/// −min  = (Σ w·q² · X − Q · Σ w·x·q) / D
/// ```
/// or `−min = 0` and `scale = Σ w·x·q / Σ w·q²` where the solution's minimum would be negative. The
/// fit with the least `Σ w·(scale·q − min − x)²`, or `Σ w·|scale·q − min − x|`, wins. A trial that wins also moves the lower end of
/// the interval for the trials after it.
///
/// Source: `make_qkx2_quants` in ggml. The order of each operation is part of the
/// result's bits.
///
/// @param maxCode the largest code
/// @param first how many steps the first trial adds to the interval
/// @param trials the number of the last trial; they begin at 0
/// @param squared whether the squares of what is missed count, or what is missed itself
record ScaleMinSearch(int maxCode, float first, int trials, boolean squared) {

    /// What the codes of a run are multiplied by, and what is then taken away.
    record Fit(float scale, float min) {}

    /// Writes the codes of `x[at] …`, as many as there are `importance`s, to `codes[to] …`.
    Fit fit(float[] x, int at, float[] importance, int[] codes, int to) {
        int length = importance.length;
        float low = 0;
        float high = x[at];
        float sumW = 0;
        float sumX = 0;
        for (int i = 0; i < length; i++) {
            float v = x[at + i];
            low = Math.min(low, v);
            high = Math.max(high, v);
            sumW += importance[i];
            sumX += importance[i] * v;
        }
        if (low == high) {
            Arrays.fill(codes, to, to + length, 0);
            return new Fit(0, -low);
        }
        int[] trial = new int[length];
        float inverse = maxCode / (high - low);
        float scale = 1 / inverse;
        round(x, at, low, inverse, trial);
        System.arraycopy(trial, 0, codes, to, length);
        float least = error(x, at, importance, trial, scale, low);
        for (int t = 0; t <= trials; t++) {
            inverse = (first + 0.1f * t + maxCode) / (high - low);
            round(x, at, low, inverse, trial);
            float sumQ = 0;
            float sumQq = 0;
            float sumXq = 0;
            for (int i = 0; i < length; i++) {
                float wq = importance[i] * trial[i];
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
            float error = error(x, at, importance, trial, trialScale, trialLow);
            if (error < least) {
                least = error;
                scale = trialScale;
                low = trialLow;
                System.arraycopy(trial, 0, codes, to, length);
            }
        }
        return new Fit(scale, -low);
    }

    private void round(float[] x, int at, float low, float inverse, int[] codes) {
        for (int i = 0; i < codes.length; i++) {
            codes[i] = Math.clamp(Rounding.nearest(inverse * (x[at + i] - low)), 0, maxCode);
        }
    }

    private float error(
            float[] x, int at, float[] importance, int[] codes, float scale, float low) {
        float sum = 0;
        for (int i = 0; i < codes.length; i++) {
            float miss = scale * codes[i] + low - x[at + i];
            sum += importance[i] * (squared ? miss * miss : Math.abs(miss));
        }
        return sum;
    }
}
