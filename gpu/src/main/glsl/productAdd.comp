#version 460
// y[r] += Σ_c w[r,c] · x[c], x quantized; next = y ⊙ norm, quantized, with y's squares, or y if `norm` is 0; no next if it
// is 0. Groups: x = rows / 16.
#extension GL_GOOGLE_include_directive : require
#include "dots.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t w;
    uint64_t y;
    uint64_t norm;
    uint64_t next;
    uint rows; // a multiple of 16
};

void main() {
    uint first = gl_WorkGroupID.x * GROUP_ROWS;
    uint r = gl_LocalInvocationIndex;
    float before = 0.0;
    float weight = 1.0;
    if (r < GROUP_ROWS) {
        before = Floats(y).at[first + r];
        if (norm != 0ul) {
            weight = Floats(norm).at[first + r];
        }
    }
    uint64_t pitch = pitchOf(FORMAT, COLUMNS, true);
    for (uint r0 = gl_SubgroupID * ROWS; r0 < GROUP_ROWS; r0 += gl_NumSubgroups * ROWS) {
        uint64_t row[ROWS];
        [[unroll]] for (uint i = 0u; i < ROWS; i++) {
            row[i] = w + (first + r0 + i) * pitch;
        }
        float sums[ROWS];
        multiplyRows(FORMAT, row, x, sums);
        [[unroll]] for (uint i = 0u; i < ROWS; i++) {
            collect(r0 + i, sums[i]);
        }
    }
    barrier();
    float value = 0.0;
    if (r < GROUP_ROWS) {
        value = before + products[r];
        Floats(y).at[first + r] = value;
        madeSquares[r] = value * value;
        made[r] = value * weight;
    }
    if (next == 0ul) {
        return;
    }
    barrier();
    if (r < GROUP_ROWS) {
        storeMade(next, rows, first, r);
    }
}
