#version 460
// x[t] = softmax(x[t]). Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "exp.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint columns;
};

void main() {
    Floats row = Floats(rowOf(x, gl_WorkGroupID.x, columns));
    float largest = -3.402823466e38;
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        largest = max(largest, row.at[c]);
    }
    largest = groupMax(largest);
    float sum = 0.0;
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        float power = expOfNegative(row.at[c] - largest);
        row.at[c] = power;
        sum += power;
    }
    sum = groupSum(sum);
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        row.at[c] = row.at[c] / sum; // what this invocation wrote itself
    }
}
