package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Random;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.Test;

class RoundingTest {
    private static final int LIMIT = (1 << 22) - 1;

    @Test
    void nearestTakesTiesToEven() {
        assertRounds(Rounding::nearest, RoundingMode.HALF_EVEN);
    }

    @Test
    void halfAwayTakesTiesFromZero() {
        assertRounds(Rounding::halfAway, RoundingMode.HALF_UP); // up in size, whatever the sign
    }

    @Test
    void nearestOfWhatIsNotFiniteIsGgmls() {
        assertThat(Rounding.nearest(Float.NaN)).isZero();
        assertThat(Rounding.nearest(Float.POSITIVE_INFINITY)).isEqualTo(-(1 << 22));
        assertThat(Rounding.nearest(Float.NEGATIVE_INFINITY)).isEqualTo(-(1 << 22));
    }

    @Test
    void inverseIsZeroForZeroAndNotANumberWhereItOverflows() {
        assertThat(Rounding.inverse(-0f)).isZero();
        assertThat(Rounding.inverse(0x1p-126f)).isEqualTo(0x1p126f);
        assertThat(Rounding.inverse(-0x1p-128f)).isNaN();
        assertThat(Rounding.inverse(Float.MIN_VALUE)).isNaN();
    }

    private static void assertRounds(ToIntFunction<Float> rounding, RoundingMode mode) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            // A tie where there is one, and its neighbours, at every size.
            float tie = ((random.nextInt(2 * LIMIT) - LIMIT) >> random.nextInt(22)) + 0.5f;
            for (float x : new float[] {tie, Math.nextUp(tie), Math.nextDown(tie)}) {
                if (Math.abs(x) <= LIMIT) {
                    assertThat(rounding.applyAsInt(x))
                            .as("%s of %s, seed %d", mode, x, seed)
                            .isEqualTo(new BigDecimal(x).setScale(0, mode).intValueExact());
                }
            }
        }
    }
}
