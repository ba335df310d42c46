#version 460
// Turns pair i of each head by positions[t] · frequency(i) and stretches it by `magnitude`. Groups: x = T, y = heads.
//
// frequency(i) = frequencies[i] + frequencies[pairs + i], in radians. The angle is counted in 2^-64 turns by integers,
// where whole turns fall off by themselves and no position is too large.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t positions;
    uint64_t frequencies;
    uint heads;
    uint headLength;
    uint pairs;
    uint halves; // 0: pairs (2i, 2i + 1); 1: (i, i + pairs)
    float magnitude;
};

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

void main() {
    uint t = gl_WorkGroupID.x;
    Floats head = Floats(rowOf(x, t * heads + gl_WorkGroupID.y, headLength));
    Floats frequency = Floats(frequencies);
    uint position = Words(positions).at[t];
    for (uint i = gl_LocalInvocationIndex; i < pairs; i += 128u) {
        uint64_t angle = (turns(frequency.at[i]) + turns(frequency.at[pairs + i])) * position;
        vec2 turn = cosineAndSine(angle) * magnitude;
        uint first = halves != 0u ? i : 2u * i;
        uint second = halves != 0u ? i + pairs : first + 1u;
        float x0 = head.at[first];
        float x1 = head.at[second];
        head.at[first] = x0 * turn.x - x1 * turn.y;
        head.at[second] = x0 * turn.y + x1 * turn.x;
    }
}
