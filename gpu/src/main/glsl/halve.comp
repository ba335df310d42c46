#version 460
// to[t] = x[t] · 2^k as f16, k such that the largest is from 2^12 to 2^13; scales[t] = 2^-k. A row that is not finite is all NaN.
// Groups: x = T.
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
    uint largest = 0u;
    for (uint i = gl_LocalInvocationIndex; i < columns / 4u; i += GROUP) {
        uvec4 bits = floatBitsToUint(row.at[i]) & 0x7FFFFFFFu;
        largest = max(largest, max(max(bits.x, bits.y), max(bits.z, bits.w)));
    }
    largest = groupMax(largest);
    bool finite = largest < 0x7F800000u;
    // The exponent of the scale, kept to where it and its inverse are normal numbers.
    uint exponent = clamp(254u + 12u - (largest >> 23), 1u, 253u);
    float scale = uintBitsToFloat(exponent << 23);
    Words2 dst = Words2(to + 2ul * t * columns);
    for (uint i = gl_LocalInvocationIndex; i < columns / 4u; i += GROUP) {
        vec4 v = row.at[i] * scale;
        dst.at[i] = finite ? uvec2(toHalf(v.x) | toHalf(v.y) << 16, toHalf(v.z) | toHalf(v.w) << 16) : uvec2(0x7E007E00u);
    }
    if (gl_LocalInvocationIndex == 0u) {
        Floats(scales).at[t] = uintBitsToFloat((254u - exponent) << 23);
    }
}
