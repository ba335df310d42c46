#version 460
// x = F(x). Groups: x = ceil(n / 256), or fewer.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "activation.glsl"

layout(local_size_x = 256) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint n;
};

void main() {
    Floats a = Floats(x);
    for (uint i = gl_GlobalInvocationID.x; i < n; i += gl_NumWorkGroups.x * 256u) {
        a.at[i] = activation(a.at[i]);
    }
}
