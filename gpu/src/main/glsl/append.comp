#version 460
// Stores the keys (or values) of T tokens, `heads · length` f32 each, at their positions in their caches, in FORMAT:
// F32, F16 or Q8_0, rounded as by dev.jinrai.format. Groups: x = T, y = heads.
#extension GL_GOOGLE_include_directive : require
#include "formats.glsl"
#include "caches.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t src;
    uint64_t caches;
    uint64_t positions;
    uint64_t layerOffset;
    uint heads;
    uint length_;
};

// 2^k · a / b to the nearest f32, ties to even. a and b are from 2^23 to 2^24 - 1, so the quotient of 2^40 · a has 40 or 41
// bits. GLSL's division may be off by some ulp, and a code would then be off by one.
float quotient(uint a, uint b, int k) {
    uint64_t n = uint64_t(a) << 40;
    uint64_t q = n / b;
    if (q * b != n) {
        q |= 1ul; // there is something behind the last bit
    }
    int shift = q >= 1ul << 40 ? 17 : 16; // leaves 24 bits
    uint64_t rounded = (q + (1ul << uint(shift - 1)) - 1ul + (q >> uint(shift) & 1ul)) >> uint(shift);
    if (rounded == 0x1000000ul) {
        rounded >>= 1;
        shift++;
    }
    int exponent = k - 40 + shift + 150;
    return exponent < 1 ? 0.0
            : exponent > 254 ? uintBitsToFloat(0x7F800000u)
            : uintBitsToFloat(uint(exponent) << 23 | uint(rounded) & 0x7FFFFFu);
}

// To the nearest integer, ties away from zero.
int nearest(float x) {
    precise float whole = trunc(x);
    precise float rest = x - whole; // exact
    return int(whole) + (rest >= 0.5 ? 1 : rest <= -0.5 ? -1 : 0);
}

// A sixteenth of a block: two codes, and once the scale. Each invocation looks for the largest itself.
void storeQ8_0(Floats values, uint part, uint64_t dst) {
    uint block = part / 16u;
    uint c = block * 32u;
    uint largest = 0u; // as bits, which are ordered as the numbers are, infinity and NaN behind them
    for (uint i = 0u; i < 32u; i++) {
        largest = max(largest, floatBitsToUint(values.at[c + i]) & 0x7FFFFFFFu);
    }
    uint exponent = largest >> 23;
    bool finite = exponent < 255u;
    float d = uintBitsToFloat(largest);
    float inverse = 0.0;
    if (finite && exponent > 0u) {
        uint fraction = largest & 0x7FFFFFu | 0x800000u; // largest = fraction · 2^(exponent - 150)
        d = quotient(fraction, 127u << 17, int(exponent) - 150 + 17);
        uint bits = floatBitsToUint(d);
        if (bits >= 0x00800000u) {
            inverse = quotient(0x800000u, bits & 0x7FFFFFu | 0x800000u, -23 - (int(bits >> 23) - 150));
        }
    }
    uint64_t to = dst + block * 34u;
    uint pair = part % 16u;
    if (pair == 0u) {
        Halves(to).at[0] = uint16_t(toHalf(finite && exponent == 0u ? 0.0 : d));
    }
    int q[2];
    [[unroll]] for (uint i = 0u; i < 2u; i++) {
        precise float scaled = values.at[c + pair * 2u + i] * inverse;
        q[i] = finite && inverse < 3.0e38 ? nearest(scaled) : 0;
    }
    Halves(to + 2ul + pair * 2u).at[0] = uint16_t(uint(q[0]) & 0xFFu | (uint(q[1]) & 0xFFu) << 8);
}

void main() {
    uint t = gl_WorkGroupID.x;
    uint head = gl_WorkGroupID.y;
    Floats values = Floats(rowOf(src, t * heads + head, length_));
    uint64_t dst = cached(caches, t, Words(positions).at[t], layerOffset, head, uint(bytesOf(length_)));
    if (FORMAT == Q8_0) {
        for (uint part = gl_LocalInvocationIndex; part < length_ / 2u; part += 128u) {
            storeQ8_0(values, part, dst);
        }
    } else {
        for (uint i = gl_LocalInvocationIndex; i < length_; i += 128u) {
            if (FORMAT == F16) {
                Halves(dst).at[i] = uint16_t(toHalf(values.at[i]));
            } else {
                Floats(dst).at[i] = values.at[i];
            }
        }
    }
}
