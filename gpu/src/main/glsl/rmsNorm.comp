#version 460
// out[t] = x[t] / √(mean(x[t]²) + epsilon) ⊙ w; out may be x. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"
#include "norm.glsl"

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
    float unit = 1.0;
    float sum = groupSum(squares);
    if (sum > LARGEST) { // squares from 1.8e19 on are beyond f32: sums those of smaller values
        unit = SMALL;
        squares = 0.0;
        for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
            precise float value = row.at[c] * unit;
            precise float square = value * value; // with a square of SMALL it would be 0
            squares += square;
        }
        sum = groupSum(squares);
    }
    float scale = 1.0 / sqrt(sum / float(columns) + epsilon * unit * unit);
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        precise float value = row.at[c] * unit;
        dst.at[c] = value * scale * weight.at[c];
    }
}
