// Angles of rotary positions, counted in 2^-64 turns by integers, where whole turns fall off by themselves and no position is too
// large.

// `radians` in 2^-64 turns, modulo a turn.
uint64_t turns(float radians) {
    uint bits = floatBitsToUint(radians);
    uint exponent = bits >> 23 & 0xFFu;
    uint64_t fraction = exponent == 0u ? 0ul : uint64_t(bits & 0x7FFFFFu | 0x800000u); // · 2^(exponent - 150)
    // Times 2^64 / 2π, which is 0x28BE60DB 9391054A, and without the last word: · 2^(exponent - 118).
    uint64_t product = fraction * 0x28BE60DBul + (fraction * 0x9391054Aul >> 32);
    int shift = int(exponent) - 118;
    uint64_t result = shift < -63 ? 0ul : shift < 0 ? product >> uint(-shift) : shift < 64 ? product << uint(shift) : 0ul;
    return (bits & 0x80000000u) != 0u ? ~result + 1ul : result;
}

// Cosine and sine of so many 2^-64 turns.
vec2 cosineAndSine(uint64_t angle) {
    uint quarter = uint((angle + (1ul << 61)) >> 62); // the nearest quarter turn
    int64_t rest = int64_t(angle - (uint64_t(quarter) << 62)); // from -2^61 to 2^61
    // In radians, from -π/4 to π/4: 2^-26 turns are 9.36…e-8, of which f32 keeps a little too much, and 2^-50 are 5.58…e-15.
    float upper = float(int(rest >> 38));
    float lower = float(int(rest >> 14) & 0xFFFFFF);
    float a = upper * 9.362675967850009e-08 + (upper * -2.6054018773493033e-15 + lower * 5.580589752107864e-15);
    float z = a * a;
    float sine = 1.0 / 362880.0;
    sine = sine * z - 1.0 / 5040.0;
    sine = sine * z + 1.0 / 120.0;
    sine = sine * z - 1.0 / 6.0;
    sine = a + a * z * sine;
    float cosine = -1.0 / 3628800.0;
    cosine = cosine * z + 1.0 / 40320.0;
    cosine = cosine * z - 1.0 / 720.0;
    cosine = cosine * z + 1.0 / 24.0;
    cosine = 1.0 + (z * z * cosine - 0.5 * z);
    vec2 turned = (quarter & 1u) != 0u ? vec2(-sine, cosine) : vec2(cosine, sine);
    return (quarter & 2u) != 0u ? -turned : turned;
}

// Cosine and sine of the angle of pair i of `pairs` at `position`; its frequency is frequencies[i] + frequencies[pairs + i], in radians.
vec2 rotationOf(Floats frequencies, uint pairs, uint i, uint position) {
    return cosineAndSine((turns(frequencies.at[i]) + turns(frequencies.at[pairs + i])) * position);
}
