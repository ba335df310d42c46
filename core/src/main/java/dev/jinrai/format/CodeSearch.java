package dev.jinrai.format;

import java.util.Arrays;

/// # The search of [Q3_K] for one scale: `x ≈ scale · q`, one code after another
///
/// Codes from −4 to 3 begin with the extreme weight at −4 and the others in proportion. Then each
/// weight in turn gets the code that is best for the scale that the fifteen others want, if that is a
/// gain: if it makes `(Σ w·x·q)² / Σ w·q²` larger, with `w = x²`, which is what least squares take off
/// the error. Five rounds, or until one changes nothing.
///
/// Source: `make_q3_quants` in ggml. The order of each operation is part of the result's bits.
final class CodeSearch {
    private static final int LENGTH = 16;
    private static final int ROUNDS = 5;

    private CodeSearch() {}

    /// Fits `runs` runs one after another: run `r` is `x[at + 16 r] …`, and `q + 4` goes to
    /// `codes[16 r] …`. A scale is 0, with zeros as codes, for a run of nothing.
    static void fit(float[] x, int at, int runs, byte[] codes, float[] scales) {
        for (int r = 0; r < runs; r++) {
            scales[r] = fit(x, at + r * LENGTH, codes, r * LENGTH);
        }
    }

    private static float fit(float[] x, int at, byte[] codes, int to) {
        float extreme = ScaleSearch.extreme(x, at, LENGTH);
        if (Math.abs(extreme) < ScaleSearch.NOTHING) {
            Arrays.fill(codes, to, to + LENGTH, (byte) 0);
            return 0;
        }
        float inverse = -Q3_K.ZERO / extreme;
        float wxq = 0;
        float wqq = 0;
        for (int i = 0; i < LENGTH; i++) {
            float v = x[at + i];
            int q = clamp(Rounding.nearest(inverse * v));
            float w = v * v;
            wxq += w * v * q;
            wqq += w * q * q;
            codes[to + i] = (byte) q;
        }
        boolean changed = true;
        for (int round = 0; round < ROUNDS && changed; round++) {
            changed = false;
            for (int i = 0; i < LENGTH; i++) {
                float v = x[at + i];
                float w = v * v;
                int old = codes[to + i];
                float otherXq = wxq - w * v * old;
                if (!(otherXq > 0)) {
                    continue;
                }
                float otherQq = wqq - w * old * old;
                int q = clamp(Rounding.nearest(v * otherQq / otherXq));
                if (q == old) {
                    continue;
                }
                float newXq = otherXq + w * v * q;
                float newQq = otherQq + w * q * q;
                if (newQq > 0 && newXq * newXq * wqq > wxq * wxq * newQq) {
                    codes[to + i] = (byte) q;
                    wxq = newXq;
                    wqq = newQq;
                    changed = true;
                }
            }
        }
        for (int i = 0; i < LENGTH; i++) {
            codes[to + i] = (byte) (codes[to + i] + Q3_K.ZERO);
        }
        return wqq > 0 ? wxq / wqq : 0;
    }

    private static int clamp(int q) {
        return Math.clamp(q, -Q3_K.ZERO, Q3_K.ZERO - 1);
    }
}
