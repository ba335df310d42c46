#version 460
// Turns pair i of each head by positions[t] · frequency(i) and stretches it by `magnitude`. Groups: x = T, y = heads.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "rotation.glsl"

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

void main() {
    uint t = gl_WorkGroupID.x;
    Floats head = Floats(rowOf(x, t * heads + gl_WorkGroupID.y, headLength));
    Floats frequency = Floats(frequencies);
    uint position = Words(positions).at[t];
    for (uint i = gl_LocalInvocationIndex; i < pairs; i += 128u) {
        vec2 rotation = rotationOf(frequency, pairs, i, position) * magnitude;
        uint first = halves != 0u ? i : 2u * i;
        uint second = halves != 0u ? i + pairs : first + 1u;
        float x0 = head.at[first];
        float x1 = head.at[second];
        head.at[first] = x0 * rotation.x - x1 * rotation.y;
        head.at[second] = x0 * rotation.y + x1 * rotation.x;
    }
}
