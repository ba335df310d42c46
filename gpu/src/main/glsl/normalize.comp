#version 460
// x[t] /= Σ x[t]. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint columns;
};

void main() {
    Floats row = Floats(rowOf(x, gl_WorkGroupID.x, columns));
    float sum = 0.0;
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        sum += row.at[c];
    }
    sum = groupSum(sum);
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        row.at[c] = row.at[c] / sum;
    }
}
