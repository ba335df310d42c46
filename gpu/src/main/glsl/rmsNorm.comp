#version 460
// out[t] = x[t] / √(mean(x[t]²) + epsilon) ⊙ w; out may be x. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t x;
    uint64_t w;
    uint columns;
    float epsilon;
};

void main() {
    Floats row = Floats(rowOf(x, gl_WorkGroupID.x, columns));
    Floats dst = Floats(rowOf(out_, gl_WorkGroupID.x, columns));
    Floats weight = Floats(w);
    float squares = 0.0;
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        float value = row.at[c];
        squares += value * value;
    }
    float scale = 1.0 / sqrt(groupSum(squares) / float(columns) + epsilon);
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        dst.at[c] = row.at[c] * scale * weight.at[c];
    }
}
