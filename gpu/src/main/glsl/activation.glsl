// The functions of dev.jinrai.backend.Activation, numbered as there.
#include "exp.glsl"

#ifndef ACTIVATION
#define ACTIVATION 0 // the number of the constant
#endif
layout(constant_id = ACTIVATION) const uint F = 0;

const uint SILU = 0;
const uint GELU = 1; // by tanh
const uint RELU = 2;

// x · σ(y), with the exponential of a negative number alone, so that nothing overflows.
float timesSigmoid(float x, float y) {
    float e = expOfNegative(-abs(y));
    return x * (y < 0.0 ? e : 1.0) / (1.0 + e);
}

float activation(float x) {
    if (notANumber(x)) {
        return x;
    }
    if (F == SILU) {
        return timesSigmoid(x, x);
    } else if (F == GELU) { // x/2 · (1 + tanh u) = x · σ(2u)
        return timesSigmoid(x, 1.5957691216057308 * (x + 0.044715 * x * x * x)); // 2·√(2/π)
    } else {
        return x > 0.0 ? x : 0.0;
    }
}
