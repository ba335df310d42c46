package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// [ScaleSearch] and [ScaleMinSearch]: what they find is at least as good as plain rounding. They work
/// in f32, the test in f64, so "at least" allows for the search's rounding errors.
class SearchTest {
    @Test
    void aScaleIsAtLeastAsGoodAsPuttingTheExtremeOnTheLastCode() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ScaleSearch search = new ScaleSearch(16, 32);
        for (int round = 0; round < 2000; round++) {
            float[] x = random(random, 16);
            byte[] codes = new byte[16];
            float scale = fit(search, x, codes);
            float extreme = 0;
            for (float v : x) {
                extreme = Math.abs(v) > Math.abs(extreme) ? v : extreme;
            }
            double found = 0;
            double plain = 0;
            double all = 0;
            for (int i = 0; i < 16; i++) {
                double step = -extreme / 32.0;
                double q = Math.clamp((long) Math.rint(x[i] / step), -32, 31);
                found += (double) x[i] * x[i] * square((double) scale * (codes[i] - 32) - x[i]);
                plain += (double) x[i] * x[i] * square(step * q - x[i]);
                all += square(x[i] * (double) x[i]);
                assertThat((int) codes[i]).as("seed %d", seed).isBetween(0, 63);
            }
            // The search compares Σ w·x² less something, in f32: sixteen times half an ulp.
            assertThat(found)
                    .as("round %d, seed %d", round, seed)
                    .isLessThanOrEqualTo(plain + 16 * 0x1p-24 * all);
        }
    }

    @Test
    void aScaleAndAMinimumAreAtLeastAsGoodAsSpreadingTheCodesOverTheInterval() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (ScaleMinSearch search :
                new ScaleMinSearch[] {
                    new ScaleMinSearch(32, 15, -1, 0.1f, 20, true),
                    new ScaleMinSearch(32, 31, -0.5f, 0.1f, 15, true),
                    ScaleMinSearch.important(32, 15)
                }) {
            for (int round = 0; round < 2000; round++) {
                float[] x = random(random, 32);
                float[] importance = new float[32];
                byte[] codes = new byte[32];
                double low = 0;
                double high = x[0];
                for (int i = 0; i < 32; i++) {
                    importance[i] = 0.5f + random.nextFloat();
                    low = Math.min(low, x[i]);
                    high = Math.max(high, x[i]);
                }
                Fit fit = fit(search, x, importance, codes);
                double step = (high - low) / search.maxCode();
                double found = 0;
                double plain = 0;
                for (int i = 0; i < 32; i++) {
                    double q = step == 0 ? 0 : Math.rint((x[i] - low) / step);
                    found +=
                            importance[i]
                                    * square((double) fit.scale() * codes[i] - fit.min() - x[i]);
                    plain += importance[i] * square(step * q + low - x[i]);
                    assertThat((int) codes[i]).as("seed %d", seed).isBetween(0, search.maxCode());
                }
                assertThat(fit.min() >= 0).as("seed %d", seed).isTrue(); // −0 too
                // The search knows each miss, at most a step, to an ulp or two of the weight.
                double slack = 32 * step * 0x1p-22 * Math.max(high, -low);
                assertThat(found)
                        .as("%s, round %d, seed %d", search, round, seed)
                        .isLessThanOrEqualTo(plain + slack);
            }
        }
    }

    @Test
    void weightsThatAreWholeStepsAreFoundExactly() {
        float[] x = new float[16];
        for (int i = 0; i < 16; i++) {
            x[i] = 0.25f * (i - 8);
        }
        x[3] = -8; // −32 steps
        byte[] codes = new byte[16];
        assertThat(fit(new ScaleSearch(16, 32), x, codes)).isEqualTo(0.25f);
        assertThat(codes)
                .containsExactly(24, 25, 26, 0, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39);
    }

    @Test
    void aRunOfNothingHasTheScaleZeroAndZerosAsCodes() {
        byte[] codes = {9, 9, 9, 9};
        float[] tiny = {1e-16f, -1e-16f, 0, -0f};
        assertThat(fit(new ScaleSearch(4, 32), tiny, codes)).isZero();
        assertThat(codes).containsOnly(0);
    }

    /// Where nothing counts, any scale would do: ggml's is zero, its codes those of the first trial.
    @Test
    void aRunThatDoesNotCountHasTheScaleZero() {
        float[] x = {1, -2, 0.5f, 0};
        float[] scales = {9};
        byte[] codes = new byte[4];
        new ScaleSearch(4, 32).fit(x, 0, new float[4], 1, codes, scales);
        assertThat(scales).containsExactly(0);
        assertThat(codes).containsExactly(48, 0, 40, 32);
    }

    @Test
    void aConstantRunIsAllMinimumOrAllLargestCode() {
        float[] importance = {1, 1, 1, 1};
        ScaleMinSearch search = new ScaleMinSearch(4, 15, -1, 0.1f, 20, true);
        byte[] codes = {9, 9, 9, 9};
        float[] negative = {-3, -3, -3, -3};
        assertThat(fit(search, negative, importance, codes)).isEqualTo(new Fit(0, 3));
        assertThat(codes).containsOnly(0);

        float[] positive = {3, 3, 3, 3};
        Fit fit = fit(search, positive, importance, codes);
        assertThat(fit.min()).isZero();
        assertThat(codes).containsOnly(15);
        assertThat(fit.scale() * 15).isEqualTo(3);
    }

    private record Fit(float scale, float min) {}

    private static Fit fit(ScaleMinSearch search, float[] x, float[] importance, byte[] codes) {
        float[] scales = new float[1];
        float[] mins = new float[1];
        search.fit(x, 0, importance, 1, codes, scales, mins);
        return new Fit(scales[0], mins[0]);
    }

    private static float fit(ScaleSearch search, float[] x, byte[] codes) {
        float[] w = new float[x.length];
        Importance.squares(x, 0, x.length, w);
        float[] scales = new float[1];
        search.fit(x, 0, w, 1, codes, scales);
        return scales[0];
    }

    private static float[] random(Random random, int length) {
        float[] x = new float[length];
        double size = Math.pow(10, random.nextInt(9) - 6);
        double shift = random.nextInt(3) - 1;
        for (int i = 0; i < length; i++) {
            x[i] = (float) (size * (random.nextGaussian() + shift));
        }
        return x;
    }

    private static double square(double x) {
        return x * x;
    }
}
