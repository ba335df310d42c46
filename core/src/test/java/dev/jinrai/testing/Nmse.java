package dev.jinrai.testing;

import static org.assertj.core.api.Assertions.assertThat;

/// How far a tensor is from its reference.
///
/// @param nmse normalized mean square error, `Σ(a−b)² / Σb²`
/// @param maxAbs the largest difference
public record Nmse(double nmse, double maxAbs) {

    /// Compares `actual` with the reference `expected`.
    public static Nmse of(float[] actual, float[] expected) {
        assertThat(actual).as("values").hasSameSizeAs(expected);
        double error = 0;
        double norm = 0;
        double max = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = (double) actual[i] - expected[i];
            error += difference * difference;
            norm += (double) expected[i] * expected[i];
            // Math.max keeps a NaN, which no bound accepts.
            max = Math.max(max, Math.abs(difference));
        }
        return new Nmse(error == 0 ? 0 : error / norm, max);
    }

    /// Fails unless both figures are within their bounds.
    public void isWithin(double nmseBound, double maxAbsBound, String what) {
        assertThat(nmse).as("%s: NMSE", what).isLessThanOrEqualTo(nmseBound);
        assertThat(maxAbs).as("%s: largest difference", what).isLessThanOrEqualTo(maxAbsBound);
    }
}
