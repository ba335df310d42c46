#version 460
// to[t] = x[t] / scales[t] as f16, scales[t] a power of two for which the largest is between 512 and 1024: no value is too large for
// f16, and none within 2^-23 of the largest is subnormal. Groups: x = tokens.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "halves.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t scales;
    uint64_t x;
    uint columns; // a multiple of 4
};

layout(buffer_reference, std430, buffer_reference_align = 8) buffer Words2 { uvec2 at[]; };

void main() {
    uint t = gl_WorkGroupID.x;
    Floats4 row = Floats4(rowOf(x, t, columns));
    Words2 halves = Words2(to + uint64_t(t) * columns * 2ul);
    uint largest = 0u;
    for (uint i = gl_LocalInvocationIndex; i < columns / 4u; i += GROUP) {
        uvec4 bits = floatBitsToUint(row.at[i]) & 0x7FFFFFFFu;
        largest = max(largest, max(max(bits.x, bits.y), max(bits.z, bits.w)));
    }
    // Of exponents: what is not finite stays so, and zeros do.
    uint exponent = clamp(groupMax(largest) >> 23, 20u, 254u);
    float shrink = uintBitsToFloat((263u - exponent) << 23); // 2^(9 - (exponent - 127))
    for (uint i = gl_LocalInvocationIndex; i < columns / 4u; i += GROUP) {
        vec4 v = row.at[i] * shrink;
        halves.at[i] = uvec2(toHalf(v.x) | toHalf(v.z) << 16, toHalf(v.y) | toHalf(v.w) << 16);
    }
    if (gl_LocalInvocationIndex == 0u) {
        Floats(scales).at[t] = uintBitsToFloat((exponent - 9u) << 23);
    }
}
