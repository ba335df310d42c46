#version 460
// ids[t] = the `used` columns with the largest scores[t], largest first, of equals the lower column first; weights[t] = their
// scores. What is not a number is never taken; where nothing else is left, place k takes column k. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t ids;
    uint64_t weights;
    uint64_t scores;
    uint columns;
    uint used;
};

void main() {
    uint t = gl_WorkGroupID.x;
    Floats row = Floats(rowOf(scores, t, columns));
    // What was taken last; all that comes before it in order is taken already.
    uint lastRank = 0xFFFFFFFFu;
    uint lastColumn = 0u;
    for (uint k = 0u; k < used; k++) {
        uint bestRank = 0u;
        uint bestColumn = 0xFFFFFFFFu;
        for (uint c = gl_LocalInvocationIndex; c < columns; c += GROUP) {
            uint r = rank(row.at[c]);
            bool left = r < lastRank || r == lastRank && c > lastColumn;
            if (left && r > bestRank) { // c grows: of equals the first stays
                bestRank = r;
                bestColumn = c;
            }
        }
        uint largest = groupMax(bestRank);
        uint column = groupMin(bestRank == largest ? bestColumn : 0xFFFFFFFFu);
        lastRank = largest;
        lastColumn = column;
        if (gl_LocalInvocationIndex == 0u) {
            uint taken = largest == 0u ? k : column;
            Words(ids).at[t * used + k] = taken;
            Floats(weights).at[t * used + k] = row.at[taken];
        }
    }
}
