package dev.jinrai.format;

import java.util.Arrays;

/// # The search for the unit of scales, or of minima: `x ≈ unit · q`, nothing negative
///
/// With an importance matrix the scales of a block are rounded like weights are, each as important as
/// its run. The unit first puts the largest on the last code; eight trials put it 0.1 to 0.4 steps
/// before or behind, and the one with the least `Σ w·(x − unit·q)²` stays. Then each in turn gets the
/// code that is best for the unit that the others want, if that is a gain, in five rounds or until one
/// changes nothing. The unit is that of least squares at the end.
///
/// Source: `make_qp_quants` in ggml. The order of each operation is part of the result's bits.
///
/// @param maxCode the largest code
record StepSearch(int maxCode) {
    private static final int ROUNDS = 5;

    /// Writes the codes of `length` values `x[at] …` that count `w[at] …` to `codes[0] …` and returns the
    /// unit.
    float fit(float[] x, float[] w, int at, int length, int[] codes) {
        float largest = 0;
        for (int i = 0; i < length; i++) {
            largest = Math.max(largest, x[at + i]);
        }
        if (largest < ScaleSearch.NOTHING) {
            Arrays.fill(codes, 0, length, 0);
            return 0;
        }
        float inverse = inverse(x, at, w, length, largest);
        float wxq = 0;
        float wqq = 0;
        for (int i = 0; i < length; i++) {
            int q = code(inverse * x[at + i]);
            codes[i] = q & 0xFF; // a byte in ggml, should rounding errors make a scale negative
            wxq += w[at + i] * x[at + i] * q;
            wqq += w[at + i] * q * q;
        }
        boolean changed = true;
        for (int round = 0; round < ROUNDS && changed; round++) {
            changed = false;
            for (int i = 0; i < length; i++) {
                float wi = w[at + i];
                float v = x[at + i];
                float otherXq = wxq - wi * v * codes[i];
                float otherQq = wqq - wi * codes[i] * codes[i];
                if (!(otherXq > 0 && otherQq > 0)) {
                    continue;
                }
                int q = code(v * otherQq / otherXq);
                if (q == codes[i]) {
                    continue;
                }
                otherXq += wi * v * q;
                otherQq += wi * q * q;
                if (otherXq * otherXq * wqq > wxq * wxq * otherQq) {
                    codes[i] = q & 0xFF;
                    wxq = otherXq;
                    wqq = otherQq;
                    changed = true;
                }
            }
        }
        return wqq > 0 ? wxq / wqq : 0;
    }

    /// {@return the inverse of the best of nine units}
    private float inverse(float[] x, int at, float[] w, int length, float largest) {
        float inverse = maxCode / largest;
        float best = inverse;
        float least = 0;
        for (int i = 0; i < length; i++) {
            int q = Rounding.nearest(inverse * x[at + i]) & 0xFF;
            float miss = x[at + i] - 1 / inverse * q;
            least += w[at + i] * miss * miss;
        }
        for (int shift = -4; shift <= 4; shift++) {
            if (shift == 0) {
                continue;
            }
            float trial = (0.1f * shift + maxCode) / largest;
            float error = 0;
            for (int i = 0; i < length; i++) {
                float miss = x[at + i] - 1 / trial * code(trial * x[at + i]);
                error += w[at + i] * miss * miss;
            }
            if (error < least) {
                least = error;
                best = trial;
            }
        }
        return best;
    }

    private int code(float steps) {
        return Math.min(maxCode, Rounding.nearest(steps));
    }
}
