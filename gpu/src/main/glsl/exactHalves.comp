#version 460
// wrong = how many of the halves that are numbers unpackHalf2x16 does not give exactly. Groups: x = 1.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "halves.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t wrong; // 0 before
};

void main() {
    uint count = 0u;
    for (uint h = gl_LocalInvocationIndex; h < 0x10000u; h += 128u) {
        vec2 both = unpackHalf2x16(h | h << 16);
        uint exact = floatBitsToUint(fromHalf(h));
        bool number = (h & 0x7FFFu) <= 0x7C00u;
        if (number && (floatBitsToUint(both.x) != exact || floatBitsToUint(both.y) != exact)) {
            count++;
        }
    }
    if (count > 0u) {
        atomicAdd(Words(wrong).at[0], count);
    }
}
