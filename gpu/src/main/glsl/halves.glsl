// f16 by integers: drivers may flush subnormal halves to zero and may round either way, and neither must happen, since the
// scales of small weights are subnormal. The device's own conversion from f16 is one instruction instead of ten: kernels that take it
// where `exactHalves` found it exact define EXACT_HALVES, the number of the constant that says so.
#ifdef EXACT_HALVES
layout(constant_id = EXACT_HALVES) const bool EXACT = false;
#else
const bool EXACT = false;
#endif

// The number that the half `h` (the upper 16 bits are ignored) stands for.
float fromHalf(uint h) {
    if (EXACT) {
        return unpackHalf2x16(h).x;
    }
    uint magnitude = h & 0x7FFFu;
    uint bits = magnitude << 13;
    float normal = uintBitsToFloat(bits + (magnitude < 0x7C00u ? 0x38000000u : 0x70000000u)); // exponent from 15 to 127
    float value = magnitude < 0x400u ? float(magnitude) * 5.9604644775390625e-8 : normal; // 2^-24
    return (h & 0x8000u) != 0u ? -value : value;
}

// Both halves of a word.
vec2 fromHalves(uint pair) {
    return EXACT ? unpackHalf2x16(pair) : vec2(fromHalf(pair), fromHalf(pair >> 16));
}

// The half nearest to `x`, ties to even; from 65520 on that is infinity. Any NaN becomes the quiet one with its sign.
uint toHalf(float x) {
    uint bits = floatBitsToUint(x);
    uint sign = bits >> 16 & 0x8000u;
    uint magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) {
        return sign | 0x7E00u;
    }
    if (magnitude >= 0x477FF000u) { // 65520
        return sign | 0x7C00u;
    }
    uint exponent = magnitude >> 23;
    if (exponent >= 113u) { // 2^-14: a normal half; a carry out of the fraction raises the exponent, as it should
        return sign | (magnitude - 0x38000000u + 0xFFFu + (magnitude >> 13 & 1u)) >> 13;
    }
    if (exponent < 102u) { // below 2^-25
        return sign;
    }
    uint fraction = magnitude & 0x7FFFFFu | 0x800000u; // in steps of 2^(exponent - 150)
    uint shift = 126u - exponent; // to steps of 2^-24: 14 to 24
    uint half_ = 1u << (shift - 1u);
    uint odd = fraction >> shift & 1u;
    return sign | (fraction + (half_ - 1u) + odd) >> shift;
}
