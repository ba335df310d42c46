#version 460
// gate = F(gate) ⊙ up. Groups: x = ceil(n / 256), or fewer.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "activation.glsl"

layout(local_size_x = 256) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t gate;
    uint64_t up;
    uint n;
};

void main() {
    Floats a = Floats(gate);
    Floats b = Floats(up);
    for (uint i = gl_GlobalInvocationID.x; i < n; i += gl_NumWorkGroups.x * 256u) {
        a.at[i] = activation(a.at[i]) * b.at[i];
    }
}
