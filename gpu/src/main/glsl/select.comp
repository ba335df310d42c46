#version 460
// out[i] = x[outputs[i]]. Groups: x = the number of outputs.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t x;
    uint64_t outputs;
    uint columns;
};

void main() {
    uint i = gl_WorkGroupID.x;
    Floats dst = Floats(rowOf(out_, i, columns));
    Floats src = Floats(rowOf(x, Words(outputs).at[i], columns));
    for (uint c = gl_LocalInvocationIndex; c < columns; c += 128u) {
        dst.at[c] = src.at[c];
    }
}
