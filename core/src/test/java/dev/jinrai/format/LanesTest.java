package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The searches with runs side by side find what they find one after another, bit for bit: random runs of
/// many sizes, constant ones, zeros, runs with an outlier, runs that do not count.
class LanesTest {
    private static final int RUNS = 3 * 16;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @BeforeEach
    void needsTheVectorApi() {
        assumeTrue(VectorApi.PRESENT, "the JVM was started without jdk.incubator.vector");
    }

    @Test
    void scalesAndMinimaAreThoseOfOneRunAfterAnother() {
        for (ScaleMinSearch search :
                new ScaleMinSearch[] {
                    new ScaleMinSearch(16, 3, -0.5f, 0.1f, 15, false),
                    new ScaleMinSearch(32, 15, -1, 0.1f, 20, true),
                    ScaleMinSearch.important(16, 3),
                    ScaleMinSearch.important(32, 31)
                }) {
            for (int round = 0; round < 20; round++) {
                float[] x = runs(search.length());
                float[] w = importance(x);
                byte[] codes = new byte[x.length];
                float[] scales = new float[RUNS];
                float[] mins = new float[RUNS];
                search.fit(x, 0, w, RUNS, codes, scales, mins);
                byte[] plainCodes = new byte[x.length];
                float[] plainScales = new float[RUNS];
                float[] plainMins = new float[RUNS];
                search.fitPlainly(x, 0, w, 0, RUNS, plainCodes, plainScales, plainMins);
                assertThat(scales).as("%s, seed %d", search, seed).isEqualTo(plainScales);
                assertThat(mins).as("%s, seed %d", search, seed).isEqualTo(plainMins);
                assertThat(codes).as("%s, seed %d", search, seed).isEqualTo(plainCodes);
            }
        }
    }

    @Test
    void scalesAreThoseOfOneRunAfterAnother() {
        for (ScaleSearch search :
                new ScaleSearch[] {
                    new ScaleSearch(16, 32), new ScaleSearch(32, 8), new ScaleSearch(16, 4)
                }) {
            for (int round = 0; round < 20; round++) {
                float[] x = runs(search.length());
                float[] w = importance(x);
                byte[] codes = new byte[x.length];
                float[] scales = new float[RUNS];
                search.fit(x, 0, w, RUNS, codes, scales);
                byte[] plainCodes = new byte[x.length];
                float[] plainScales = new float[RUNS];
                search.fitPlainly(x, 0, w, 0, RUNS, plainCodes, plainScales);
                assertThat(scales).as("%s, seed %d", search, seed).isEqualTo(plainScales);
                assertThat(codes).as("%s, seed %d", search, seed).isEqualTo(plainCodes);
            }
        }
    }

    @Test
    void scalesOfLevelsAreThoseOfOneRunAfterAnother() {
        for (int round = 0; round < 20; round++) {
            float[] x = runs(32);
            float[] w = importance(x);
            float[] scales = new float[RUNS];
            LevelSearch.fit(x, 0, w, RUNS, scales);
            float[] plainScales = new float[RUNS];
            LevelSearch.fitPlainly(x, 0, w, 0, RUNS, plainScales);
            assertThat(scales).as("seed %d", seed).isEqualTo(plainScales);
        }
    }

    private float[] runs(int length) {
        float[] x = new float[RUNS * length];
        for (int r = 0; r < RUNS; r++) {
            int kind = random.nextInt(8);
            double size = Math.pow(10, random.nextInt(40) - 25);
            double shift = kind == 1 ? random.nextGaussian() * 20 : 0;
            for (int i = 0; i < length; i++) {
                double v =
                        switch (kind) {
                            case 2 -> 1;
                            case 3 -> 0;
                            case 4 -> random.nextInt(3) - 1;
                            case 5 -> i == 3 ? 1000 : random.nextGaussian();
                            case 6 -> Math.abs(random.nextGaussian());
                            default -> random.nextGaussian();
                        };
                x[r * length + i] = (float) (size * (v + shift));
            }
        }
        return x;
    }

    private float[] importance(float[] x) {
        float[] w = new float[x.length];
        int kind = random.nextInt(4);
        for (int i = 0; i < w.length; i++) {
            boolean nothing =
                    (kind == 1 && random.nextInt(3) == 0) || (kind == 2 && i / 32 % 4 == 0);
            w[i] = nothing ? 0 : kind == 3 ? x[i] * x[i] : (float) Math.exp(random.nextGaussian());
        }
        return w;
    }
}
