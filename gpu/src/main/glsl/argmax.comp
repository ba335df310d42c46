#version 460
// out[t] = the column of the largest of x[t], of equals the lowest. What is not a number is never the largest.
// Groups: x = rows.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t x;
    uint columns;
};

void main() {
    Floats row = Floats(rowOf(x, gl_WorkGroupID.x, columns));
    uint bestRank = 0u;
    uint bestColumn = 0u;
    for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
        uint r = rank(row.at[c]);
        if (r > bestRank) {
            bestRank = r;
            bestColumn = c;
        }
    }
    uint largest = groupMax(bestRank);
    uint column = groupMin(bestRank == largest ? bestColumn : 0xFFFFFFFFu);
    if (gl_LocalInvocationIndex == 0u) {
        Words(out_).at[gl_WorkGroupID.x] = column;
    }
}
