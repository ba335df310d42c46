#version 460
// to[i] = cosine and sine of the angle of pair i at the first token's position, times `magnitude`. Groups: x = ceil(pairs / 128).
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "quantized.glsl"
#include "rotation.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t positions;
    uint64_t frequencies;
    uint pairs;
    float magnitude;
};

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < pairs) {
        Pairs(to).at[i] = rotationOf(Floats(frequencies), pairs, i, Words(positions).at[0]) * magnitude;
    }
}
