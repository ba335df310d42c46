package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// `eˣ` by range reduction and a polynomial, to 2 ulp.
///
/// `x = n · ln 2 + r` with `|r| ≤ ln 2 / 2`, so `eˣ = 2ⁿ · eʳ`. The coefficients are those of Cephes'
/// `expf` (Moshier 1989). `lanewise(EXP)` is not used: its bits change when the JIT compiles it.
final class Exp {
    /// Below, the result is 0: what it should be is less than 1.22e-38, where normal floats end soon (at 1.18e-38, `e` to the
    /// −87.34).
    private static final float LEAST = -87.3f;

    /// Above, the result is infinite: a little before it has to be, where 2ⁿ would leave the exponent.
    private static final float LARGEST = 88.37f;

    private static final float LOG2_E = 1.44269504088896341f;

    // ln 2 in two parts, the first with so few bits that n times it is exact.
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /// 1.5 · 2²³: adding it rounds to an integer, which then is in the lower bits.
    private static final float ROUND = 12582912f;

    private Exp() {}

    static FloatVector exp(FloatVector x) {
        // Beyond the limits this computes nonsense, which is replaced at the end.
        FloatVector shifted = x.fma(splat(LOG2_E), splat(ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(splat(-LN2_HIGH), x);
        r = n.fma(splat(-LN2_LOW), r);
        FloatVector p = splat(1.9875691500e-4f);
        p = p.fma(r, splat(1.3981999507e-3f));
        p = p.fma(r, splat(8.3334519073e-3f));
        p = p.fma(r, splat(4.1665795894e-2f));
        p = p.fma(r, splat(1.6666665459e-1f));
        p = p.fma(r, splat(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1);
        FloatVector power =
                shifted.reinterpretAsInts()
                        .add(127)
                        .lanewise(VectorOperators.LSHL, 23)
                        .reinterpretAsFloats();
        return p.mul(power)
                .blend(0, x.lt(LEAST))
                .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, LARGEST));
    }

    /// The same steps for one value, with the same bits.
    static float exp(float x) {
        if (x < LEAST) {
            return 0;
        }
        if (x > LARGEST) {
            return Float.POSITIVE_INFINITY;
        }
        float shifted = Math.fma(x, LOG2_E, ROUND);
        float n = shifted - ROUND;
        float r = Math.fma(n, -LN2_HIGH, x);
        r = Math.fma(n, -LN2_LOW, r);
        float p = 1.9875691500e-4f;
        p = Math.fma(p, r, 1.3981999507e-3f);
        p = Math.fma(p, r, 8.3334519073e-3f);
        p = Math.fma(p, r, 4.1665795894e-2f);
        p = Math.fma(p, r, 1.6666665459e-1f);
        p = Math.fma(p, r, 5.0000001201e-1f);
        p = Math.fma(p, r * r, r) + 1;
        return p * Float.intBitsToFloat((Float.floatToRawIntBits(shifted) + 127) << 23);
    }

    private static FloatVector splat(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }
}
