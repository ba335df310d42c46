#version 460
// to[r] = F(s · Σ_c gate[r,c] · x[c]) · s · Σ_c up[r,c] · x[c], x and to quantized, s as in `products`. Groups: x = rows / 16.
#extension GL_GOOGLE_include_directive : require
#define ACTIVATION 1
#include "dots.glsl"
#include "activation.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t gate;
    uint64_t up;
    uint64_t to;
    uint rows; // a multiple of 16
    float epsilon;
};

void main() {
    uint first = gl_WorkGroupID.x * GROUP_ROWS;
    uint64_t pitch = pitchOf(FORMAT, COLUMNS, true);
    // ROWS is even: half of them are rows of `gate`, half the same rows of `up`.
    const uint STEP = ROWS / 2u;
    for (uint r0 = gl_SubgroupID * STEP; r0 < GROUP_ROWS; r0 += gl_NumSubgroups * STEP) {
        uint64_t row[ROWS];
        [[unroll]] for (uint i = 0u; i < ROWS; i++) {
            row[i] = (i < STEP ? gate : up) + (first + r0 + i % STEP) * pitch;
        }
        float sums[ROWS];
        multiplyRows(FORMAT, row, x, sums);
        [[unroll]] for (uint i = 0u; i < ROWS; i++) {
            collect(r0 + i % STEP + (i < STEP ? 0u : GROUP_ROWS), sums[i]);
        }
    }
    collectSquares(x);
    barrier();
    uint r = gl_LocalInvocationIndex;
    if (r < GROUP_ROWS) {
        float scale = normScale(epsilon);
        made[r] = activation(scale * products[r]) * (scale * products[GROUP_ROWS + r]);
        madeSquares[r] = 0.0;
    }
    barrier();
    if (r < GROUP_ROWS) {
        storeMade(to, rows, first, r);
    }
}
