package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/// The exponential against the library's, over every exponent it can meet.
class ExpTest {
    @Test
    void isRightToTwoUlpAndTheVectorHasTheSameBits() {
        float[] x = new float[Lanes.COUNT];
        float[] y = new float[Lanes.COUNT];
        for (int bits = Float.floatToIntBits(-90f);
                bits > Float.floatToIntBits(-1e-9f);
                bits -= 997) {
            check(Float.intBitsToFloat(bits), x, y);
        }
        for (int bits = 0; bits < Float.floatToIntBits(90f); bits += 9973) {
            check(Float.intBitsToFloat(bits), x, y);
            check(-Float.intBitsToFloat(bits), x, y);
        }
        check(Float.POSITIVE_INFINITY, x, y);
        check(Float.NEGATIVE_INFINITY, x, y);
        check(Float.NaN, x, y);
    }

    private static void check(float value, float[] x, float[] y) {
        Arrays.fill(x, value);
        Exp.exp(FloatVector.fromArray(Lanes.FLOATS, x, 0)).intoArray(y, 0);
        float scalar = Exp.exp(value);
        double exact = Math.exp(value);
        if (Float.isNaN(value)) {
            assertThat(scalar).isNaN();
            assertThat(y[0]).isNaN();
            return;
        }
        assertThat(Float.floatToIntBits(y[0]))
                .as("exp(%s)", value)
                .isEqualTo(Float.floatToIntBits(scalar));
        if (value < -87.3f) { // less than the smallest normal float
            assertThat(scalar).as("exp(%s)", value).isZero();
        } else if (value > 88.37f) {
            assertThat(scalar).as("exp(%s)", value).isInfinite();
        } else {
            assertThat((double) scalar)
                    .as("exp(%s)", value)
                    .isCloseTo(exact, within(2 * (double) Math.ulp((float) exact)));
        }
    }
}
