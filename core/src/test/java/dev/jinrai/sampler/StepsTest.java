package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each step leaves, on distributions worked out by hand.
class StepsTest {
    private static final float NONE = Float.NEGATIVE_INFINITY;

    /// Logits of these probabilities.
    private static float[] of(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    private static Candidates applied(Step step, float... logits) {
        var candidates = new Candidates(logits.length);
        candidates.fill(logits);
        step.apply(candidates);
        return candidates;
    }

    /// {@return the ids that are left, the best first}
    private static int[] left(Step step, float... logits) {
        Candidates candidates = applied(step, logits);
        candidates.sort();
        return Arrays.copyOf(candidates.ids, candidates.size);
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,2", "4,4", "9,4"})
    void topKLeavesTheBest(int k, int count) {
        assertThat(left(new TopK(k), of(0.1, 0.4, 0.3, 0.2)))
                .isEqualTo(Arrays.copyOf(new int[] {1, 2, 3, 0}, count));
    }

    @ParameterizedTest
    @CsvSource({"0,0,1", "0.39,0,1", "0.41,0,2", "0.69,0,2", "0.71,0,3", "0.39,3,3", "0,9,4"})
    void topPLeavesTheFewestThatReachItAndMinKeep(float p, int minKeep, int count) {
        assertThat(left(new TopP(p, minKeep), of(0.1, 0.4, 0.3, 0.2)))
                .isEqualTo(Arrays.copyOf(new int[] {1, 2, 3, 0}, count));
    }

    /// Relative to the best: 1, 0.75, 0.5, 0.25.
    @ParameterizedTest
    @CsvSource({"1,0,1", "0.76,0,1", "0.74,0,2", "0.26,0,3", "0.24,0,4", "1,3,3", "1,9,4"})
    void minPLeavesThoseRelativeToTheBestAndMinKeep(float p, int minKeep, int count) {
        assertThat(left(new MinP(p, minKeep), of(0.1, 0.4, 0.3, 0.2)))
                .isEqualTo(Arrays.copyOf(new int[] {1, 2, 3, 0}, count));
    }

    /// After a temperature of 2 the relative probabilities are 1, √0.75 = 0.866, √0.5 = 0.707, √0.25 = 0.5.
    @ParameterizedTest
    @CsvSource({"0.87,1", "0.86,2", "0.71,2", "0.7,3", "0.51,3", "0.49,4"})
    void minPBehindATemperatureLooksAtWhatItLeft(float p, int count) {
        Step both =
                candidates -> {
                    new Temperature(2).apply(candidates);
                    new MinP(p, 0).apply(candidates);
                };
        assertThat(left(both, of(0.1, 0.4, 0.3, 0.2))).hasSize(count);
    }

    /// Logits 0 to 4: mean 2, deviation √2; the best is 2.83 deviations above the least.
    @ParameterizedTest
    @CsvSource({"0.70,1", "0.71,2", "1.41,2", "1.42,3", "2.82,4", "2.83,5", "100,5"})
    void topNSigmaLeavesWhatIsWithinDeviationsOfTheBest(float n, int count) {
        assertThat(left(new TopNSigma(n), 0, 1, 2, 3, 4)).hasSize(count);
        assertThat(left(new TopNSigma(n), NONE, 0, 1, 2, NONE, 3, 4)).hasSize(count);
    }

    /// 0.5, 0.25, 0.125, 0.125: entropy 1.75 bits; surprises 1, 2, 3, 3; distances 0.75, 0.25, 1.25, 1.25. So the second comes first,
    /// then the best, then the others by id.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0    | 0 | 1",
                "0.24 | 0 | 1",
                "0.26 | 0 | 0,1",
                "0.74 | 0 | 0,1",
                "0.76 | 0 | 0,1,2",
                "0.9  | 0 | 0,1,2,3",
                "0    | 2 | 0,1",
                "0    | 9 | 0,1,2,3"
            })
    void typicalLeavesTheNearestToTheEntropy(float p, int minKeep, String ids) {
        float[] logits = of(0.5, 0.25, 0.125, 0.125);
        int[] expected = Arrays.stream(ids.split(",")).mapToInt(Integer::parseInt).toArray();
        assertThat(left(new Typical(p, minKeep, 4), logits)).isEqualTo(expected);
        float[] withNone = {logits[0], logits[1], logits[2], logits[3], NONE};
        assertThat(left(new Typical(p, minKeep, 5), withNone)).isEqualTo(expected);
    }

    @Test
    void ofEqualsTypicalLeavesMoreThanItsMass() {
        // Sums 0.25, 0.5, 0.75: more than 0.5 with the third.
        assertThat(left(new Typical(0.5f, 0, 4), 3, 3, 3, 3)).containsExactly(0, 1, 2);
    }

    @ParameterizedTest
    @CsvSource({
        "0.41,0,4",
        "0.31,0,4",
        "0.3,0,3",
        "0.2,0,2",
        "0.1,0,1",
        "0,0,1",
        "0.2,2,2",
        "0.2,3,4"
    })
    void xtcTakesTopChoicesButTheLeastOfThem(double threshold, int minKeep, int count) {
        // A little below, for the thresholds that are probabilities themselves.
        var xtc = new Xtc(1, (float) (threshold - 1e-4), minKeep, new SplitMix64(1));
        int[] all = {1, 2, 3, 0};
        assertThat(left(xtc, of(0.1, 0.4, 0.3, 0.2)))
                .isEqualTo(Arrays.copyOfRange(all, 4 - count, 4));
    }

    @Test
    void xtcDoesSoWithItsProbability() {
        var xtc = new Xtc(0.3f, 0.1f, 0, new SplitMix64(5));
        int taken = 0;
        for (int i = 0; i < 20_000; i++) {
            taken += left(xtc, of(0.5, 0.5)).length == 1 ? 1 : 0;
        }
        // Five standard deviations.
        assertThat(taken / 20_000.0).isCloseTo(0.3, within(5 * Math.sqrt(0.21 / 20_000)));
    }

    /// Everything that may get a single candidate, or only equal ones.
    @Test
    void aSingleCandidateAlwaysStays() {
        Step[] steps = {
            new TopK(1),
            new TopP(0, 0),
            new MinP(1, 0),
            new TopNSigma(0.01f),
            new Typical(0, 0, 3),
            new Xtc(1, 0, 0, new SplitMix64(1)),
            new Temperature(0),
            new DynamicTemperature(1, 1, 1)
        };
        for (Step step : steps) {
            assertThat(left(step, 5)).as("%s", step).containsExactly(0);
            assertThat(left(step, NONE, -3, NONE)).as("%s", step).containsExactly(1);
        }
    }

    @Test
    void equalsAreAllWithinADeviationAndAsProbableAsTheBest() {
        assertThat(left(new TopNSigma(0.01f), 2, 2, 2)).hasSize(3);
        assertThat(left(new MinP(1, 0), 2, 2, 2)).hasSize(3);
    }

    /// Entropy of 0.5, 0.25, 0.125, 0.125 is 1.75 of 2 bits: 0.875.
    @ParameterizedTest
    @CsvSource({
        "1,   0.5, 1, 1.375", // 0.5 + 1·0.875
        "1,   0.5, 2, 1.265625", // 0.5 + 1·0.875²
        "1,   0.5, 0, 1.5",
        "0.5, 1,   1, 1.3125", // from 0, not from −0.5: 1.5·0.875
        "0,   2,   1, 1.75"
    })
    void dynamicTemperatureFollowsTheEntropy(
            float t, float range, float exponent, double expected) {
        Step step = new DynamicTemperature(t, range, exponent);
        assertThat(applied(step, of(0.5, 0.25, 0.125, 0.125)).temperature())
                .isCloseTo(expected, within(1e-6)); // the logits are rounded to f32
    }

    @Test
    void ofEqualsTheDynamicTemperatureIsTheHighest() {
        Step step = new DynamicTemperature(1, 0.5f, 1);
        assertThat(applied(step, 4, 4, 4, 4, 4).temperature()).isCloseTo(1.5, within(1e-12));
        assertThat(left(new DynamicTemperature(0, 0.5f, 1), 2000, 0, 0)).hasSize(1); // entropy 0
    }

    @Test
    void penaltiesBehindATemperatureLowerWhatItLeft() {
        var history = new History();
        history.append(0);
        Sampling settings = Sampling.builder().presencePenalty(1).build();
        Step both =
                candidates -> {
                    new Temperature(2).apply(candidates);
                    new Penalties(settings, 2, history).apply(candidates);
                };
        Candidates candidates = applied(both, 6, 4);
        assertThat(candidates.logits).containsExactly(2, 2);
        assertThat(candidates.temperature()).isEqualTo(1);
    }

    @Test
    void biasAddsAndExcludes() {
        var bias = new LogitBias(Map.of(0, 2f, 1, NONE, 2, -3f), 4);
        assertThat(applied(bias, 1, 1, 1, 1).logits).containsExactly(3, NONE, -2, 1);
    }

    /// The example in llama.cpp's comments: a b c c b c y a b c. Continued by c, b or y it repeats 3, 1 or 2 tokens.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void dryLowersWhatRepeatsByItsLength(int allowed) {
        int a = 0;
        int b = 1;
        int c = 2;
        int y = 3;
        var history = new History();
        for (int token : new int[] {a, b, c, c, b, c, y, a, b, c}) {
            history.append(token);
        }
        Sampling settings =
                Sampling.builder().dryMultiplier(2).dryBase(3).dryAllowedLength(allowed).build();
        var dry = new Dry(settings, 5, history, Breakers.NONE);
        float[] expected = new float[5];
        expected[c] = lowered(3 - allowed);
        expected[b] = lowered(1 - allowed);
        expected[y] = lowered(2 - allowed);
        assertThat(applied(dry, new float[5]).logits).isEqualTo(expected);
        assertThat(dry.lowers()).isEqualTo(Math.max(0, 4 - allowed));
        history.append(4); // never seen: nothing repeats
        assertThat(applied(dry, new float[5]).logits).containsOnly(0);
        assertThat(dry.lowers()).isZero();
    }

    private static float lowered(int more) {
        return more < 0 ? 0 : -(float) (2 * Math.pow(3, more));
    }

    @Test
    void dryLooksAtTheLastTokensOnlyAndStaysFinite() {
        var history = new History();
        for (int i = 0; i < 4000; i++) {
            history.append(0);
        }
        var all = Sampling.builder().dryMultiplier(100).dryBase(100).dryLastN(-1);
        var dry = new Dry(all.build(), 2, history, Breakers.NONE);
        assertThat(applied(dry, 1, 1).logits[0]).isFinite().isLessThan(-1e38f);
        // The last three: two of them repeat one, one repeats two; 0.5·2^(2−2) is taken.
        var three = Sampling.builder().dryMultiplier(0.5f).dryBase(2).dryLastN(3).build();
        assertThat(applied(new Dry(three, 2, history, Breakers.NONE), 1, 1).logits)
                .containsExactly(0.5f, 1);
        var two = Sampling.builder().dryMultiplier(0.5f).dryBase(2).dryLastN(2).build();
        assertThat(applied(new Dry(two, 2, history, Breakers.NONE), 1, 1).logits)
                .containsExactly(1, 1);
    }
}
