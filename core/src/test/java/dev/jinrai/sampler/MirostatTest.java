package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mirostat's steps worked out by hand, and what it is for: the surprise that was asked for.
class MirostatTest {
    private static Candidates of(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        var candidates = new Candidates(logits.length);
        candidates.fill(logits);
        return candidates;
    }

    /// Probabilities 1/2, 1/4, 1/8, 1/8, surprises 1, 2, 3, 3: `μ` begins at 2τ.
    @ParameterizedTest
    @CsvSource({"0,1", "0.4,1", "0.51,1", "0.99,1", "1.01,2", "1.49,2", "1.51,4"})
    void version2KeepsWhatIsNotTooSurprising(float tau, int kept) {
        Candidates candidates = of(0.5, 0.25, 0.125, 0.125);
        new Mirostat2(new SurpriseTarget(tau, 0.1), new SplitMix64(1)).select(candidates);
        assertThat(candidates.size).isEqualTo(kept);
    }

    @Test
    void whatIsAllowedMovesAgainstTheError() {
        var target = new SurpriseTarget(3, 0.1);
        target.draw(new Draw(new SplitMix64(1)), of(0.25, 0.25, 0.25, 0.25));
        // Two bits where three were wanted: 6 − 0.1·(2 − 3).
        assertThat(target.most()).isCloseTo(6.1, within(1e-12));
    }

    /// Zipf's law with exponent 2, `p ∝ i⁻²`, makes `ŝ = 2` whatever the number, so `ε̂ = 1` and `k = √(2^μ / (1 − 1/N))`. With N = 16:
    /// μ = 2 gives √(4·16/15) = 2.07, μ = 4 gives 4.13, μ = 6 gives 8.26, μ = 20 more than there are.
    @ParameterizedTest
    @CsvSource({"0,1", "1,2", "2,4", "3,8", "10,16"})
    void version1KeepsWhatZipfsLawSays(float tau, int kept) {
        double[] zipf = new double[16];
        for (int i = 0; i < zipf.length; i++) {
            zipf[i] = 1.0 / ((i + 1) * (i + 1));
        }
        Candidates candidates = of(zipf);
        new Mirostat(new SurpriseTarget(tau, 0.1), 16, new SplitMix64(1)).select(candidates);
        assertThat(candidates.size).isEqualTo(kept);
    }

    /// `ŝ = 1`: the harmonic sum's limit, `k = 2^μ / ln N`; μ = 4, N = 16: 16 / 2.77 = 5.77.
    @Test
    void version1KnowsTheLimitOfExponentOne() {
        double[] zipf = new double[16];
        for (int i = 0; i < zipf.length; i++) {
            zipf[i] = 1.0 / (i + 1);
        }
        Candidates candidates = of(zipf);
        new Mirostat(new SurpriseTarget(2, 0.1), 16, new SplitMix64(1)).select(candidates);
        assertThat(candidates.size).isEqualTo(5);
    }

    @Test
    void oneCandidateAndEqualOnesAreNoProblem() {
        for (int version = 1; version <= 2; version++) {
            var settings = Sampling.builder().temperature(1).mirostat(version).build();
            var one = new Sampler(settings, 3);
            float none = Float.NEGATIVE_INFINITY;
            for (int i = 0; i < 20; i++) {
                assertThat(one.next(new float[] {none, 2, none})).isEqualTo(1);
                assertThat(one.next(new float[] {1, 1, 1})).isBetween(0, 2);
            }
        }
    }

    /// Zipf's law over 2000 tokens, 3 bits: the mean of 4000 tokens' surprise, after 500 that it learns from, among those that could be
    /// drawn. Its steps are small against their noise, so the mean is near: `η` times the range it moved in over the number of tokens
    /// is below 0.01.
    @ParameterizedTest
    @CsvSource({"1", "2"})
    void theSurpriseComesToWhatWasAskedFor(int version) {
        int vocabulary = 2000;
        float[] logits = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            logits[i] = (float) -Math.log(i + 1.0);
        }
        var target = new SurpriseTarget(3, 0.1);
        var random = new SplitMix64(3);
        Selection mirostat =
                version == 1
                        ? new Mirostat(target, vocabulary, random)
                        : new Mirostat2(target, random);
        double bits = 0;
        var candidates = new Candidates(vocabulary);
        for (int i = 0; i < 4500; i++) {
            candidates.fill(logits);
            int id = mirostat.select(candidates);
            double total = 0;
            for (int k = 0; k < candidates.size; k++) {
                total += 1.0 / (k + 1);
            }
            bits += i < 500 ? 0 : Math.log(total * (id + 1)) / Math.log(2) / 4000;
        }
        assertThat(bits).isCloseTo(3, within(0.02));
    }

    @Test
    void itReplacesTheStagesButNotTheTemperature() {
        var settings = Sampling.builder().mirostat(2).temperature(0).topK(5).build();
        var sampler = new Sampler(settings, 3);
        assertThat(sampler.needed()).isEqualTo(1);
        assertThat(sampler.next(new float[] {1, 3, 2})).isEqualTo(1);
        var warm = new Sampler(settings.toBuilder().temperature(1).build(), 3);
        assertThat(warm.needed()).isZero();
    }
}
