#version 460
// out[t] = Σ_k weights[t,k] · y[t · used + k]. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t y;
    uint64_t weights;
    uint columns;
    uint used;
};

void main() {
    uint t = gl_WorkGroupID.x;
    Floats dst = Floats(rowOf(out_, t, columns));
    Floats weight = Floats(weights);
    for (uint c = gl_LocalInvocationIndex; c < columns; c += 128u) {
        float sum = 0.0;
        for (uint k = 0u; k < used; k++) {
            sum += weight.at[t * used + k] * Floats(rowOf(y, t * used + k, columns)).at[c];
        }
        dst.at[c] = sum;
    }
}
