package dev.jinrai.arch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Rope.Pairing;
import dev.jinrai.model.ModelException;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The frequencies of heads of 8 values: unscaled with base 10000 they are 1, 0.1, 0.01, 0.001.
class RopeScalingTest {
    private static final Offset<Double> ROUNDING = within(1e-12); // of a few f64 operations

    private static Rope rope(Stated file) {
        file.with("context_length", 64);
        var p = new Parameters(file);
        return RopeScaling.rope(p, Pairing.INTERLEAVED, 8, file.tensor("rope_freqs.weight"));
    }

    private static void turns(Rope rope, double... frequencies) {
        assertThat(rope.pairs()).isEqualTo(frequencies.length);
        for (int i = 0; i < frequencies.length; i++) {
            assertThat(rope.frequency(i)).as("pair %d", i).isCloseTo(frequencies[i], ROUNDING);
        }
    }

    private static void refused(Stated file, String... words) {
        assertThatThrownBy(() -> rope(file))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith("stated: ")
                .hasMessageContainingAll(words);
    }

    @Test
    void unscaledFrequenciesFallFromOneByTheBase() {
        Rope rope = rope(new Stated());
        turns(rope, 1, 0.1, 0.01, 0.001);
        assertThat(rope.magnitude()).isEqualTo(1);
        turns(rope(new Stated().with("rope.freq_base", 16f)), 1, 0.5, 0.25, 0.125);
    }

    @Test
    void turnsOnlyTheDimensionsTheFileNames() {
        turns(rope(new Stated().with("rope.dimension_count", 4)), 1, 0.01);
        refused(new Stated().with("rope.dimension_count", 3), "llama.rope.dimension_count", "even");
        refused(new Stated().with("rope.dimension_count", 10), "up to 8", "got 10");
    }

    @Test
    void linearDividesEveryFrequency() {
        var file = new Stated().with("rope.scaling.type", "linear");
        turns(rope(file.with("rope.scaling.factor", 4f)), 0.25, 0.025, 0.0025, 0.00025);
    }

    @Test
    void aFactorWithoutATypeIsLinear() {
        turns(rope(new Stated().with("rope.scaling.factor", 2f)), 0.5, 0.05, 0.005, 0.0005);
        turns(rope(new Stated().with("rope.scale_linear", 2f)), 0.5, 0.05, 0.005, 0.0005);
    }

    @Test
    void aFactorOfZeroScalesNothing() {
        turns(rope(new Stated().with("rope.scaling.factor", 0f)), 1, 0.1, 0.01, 0.001);
    }

    @Test
    void noneIgnoresTheFactor() {
        var file = new Stated().with("rope.scaling.type", "none").with("rope.scaling.factor", 4f);
        turns(rope(file), 1, 0.1, 0.01, 0.001);
    }

    @Test
    void factorsDivideEachFrequencyByItsOwn() {
        turns(rope(new Stated().factors(1, 2, 4, 8)), 1, 0.05, 0.0025, 0.000125);
    }

    /// Base 16: pair `i` turns `50 / (2π · 2^i)` times in a context of 50. It turns 3.9 times at
    /// `i = 1.03` and 0.99 times at `i = 3.01`, so the ramp runs from pair 1 to pair 4.
    @Test
    void yarnScalesSlowPairsBlendsBetweenAndSharpens() {
        Rope rope =
                rope(
                        new Stated()
                                .with("rope.freq_base", 16f)
                                .with("rope.scaling.type", "yarn")
                                .with("rope.scaling.factor", 4f)
                                .with("rope.scaling.original_context_length", 50)
                                .with("rope.scaling.yarn_beta_fast", 3.9f)
                                .with("rope.scaling.yarn_beta_slow", 0.99f));
        // Ramp 0, 0, 1/3, 2/3: multiplied by 1 − ¾ · ramp = 1, 1, ¾, ½.
        turns(rope, 1, 0.5, 0.25 * 0.75, 0.125 * 0.5);
        assertThat(rope.magnitude()).isCloseTo(1.1386294f, within(1e-6f)); // 1 + 0.1 · ln 4
    }

    @ParameterizedTest
    @ValueSource(floats = {-1, -0.001f, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesFactorsThatCannotStretch(float factor) {
        for (String key : new String[] {"rope.scaling.factor", "rope.scale_linear"}) {
            for (String type : new String[] {"linear", "yarn", "none"}) {
                refused(
                        new Stated().with("rope.scaling.type", type).with(key, factor),
                        "llama." + key,
                        "got " + factor);
            }
        }
    }

    @Test
    void refusesAMagnitudeThatIsNotAboveZero() {
        var file = new Stated().with("rope.scaling.type", "yarn");
        refused(file.with("rope.scaling.factor", 1e-5f), "llama.rope.scaling.factor", "1.0E-5");
        file.with("rope.scaling.factor", 4f).with("rope.scaling.attn_factor", 3.3e38f);
        refused(file, "llama.rope.scaling.factor", "magnitude");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -1, 1, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesBasesFromWhichFrequenciesDoNotFall(float base) {
        refused(new Stated().with("rope.freq_base", base), "llama.rope.freq_base");
    }

    @ParameterizedTest
    @ValueSource(floats = {0, -2, Float.NaN, Float.POSITIVE_INFINITY})
    void refusesADivisorThatIsNotAFiniteNumberAboveZero(float divisor) {
        refused(
                new Stated().factors(1, 2, divisor, 8),
                "rope_freqs.weight",
                "entry 2",
                "got " + divisor);
    }

    @Test
    void refusesAnotherNumberOfFactorsThanPairs() {
        refused(new Stated().factors(1, 2, 3), "rope_freqs.weight", "3", "got 8");
    }

    @Test
    void refusesATypeItDoesNotKnow() {
        refused(
                new Stated().with("rope.scaling.type", "longrope"),
                "none, linear or yarn",
                "longrope");
    }
}
