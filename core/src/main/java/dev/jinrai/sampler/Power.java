package dev.jinrai.sampler;

/// `x^y` with the same bits on every JVM. [StrictMath#pow] has them too, but allocates until it is compiled.
final class Power {
    private Power() {}

    /// {@return `x^y`; NaN for 1 to the infinite}
    ///
    /// @param x 0 or more
    static double of(double x, double y) {
        return y == 0 ? 1 : StrictMath.exp(y * StrictMath.log(x));
    }

    /// {@return `x^n` by squaring: exact as far as doubles are; `∞` beyond}
    ///
    /// @param n 0 or more
    static double of(double x, int n) {
        double power = 1;
        double square = x;
        for (int rest = n; rest > 0; rest >>= 1) {
            power = (rest & 1) == 1 ? power * square : power;
            square *= square;
        }
        return power;
    }
}
