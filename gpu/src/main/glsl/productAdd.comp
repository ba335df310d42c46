#version 460
// y[r] += Σ_c w[r,c] · x[c], x quantized; next = y ⊙ norm, quantized, with y's squares, or y if `norm` is 0; no next if it
// is 0. Groups: x = ceil(rows / 16 / GROUPS).
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "dots.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t w;
    uint64_t y;
    uint64_t norm;
    uint64_t next;
    uint64_t books;
    uint rows; // a multiple of 16
};

void main() {
    codebooks = books;
    uint first = gl_WorkGroupID.x * OUT_ROWS;
    uint r = gl_LocalInvocationIndex;
    float before = 0.0;
    float weight = 1.0;
    if (r < OUT_ROWS && first + r < rows) {
        before = Floats(y).at[first + r];
        if (norm != 0ul) {
            weight = Floats(norm).at[first + r];
        }
    }
    uint width = subgroupWidth();
    multiplyGroup(FORMAT, w, 0ul, first, rows, x);
    barrier();
    float value = 0.0;
    if (r < OUT_ROWS && first + r < rows) {
        value = before + productOf(FORMAT, r, width);
        Floats(y).at[first + r] = value;
        madeSquares[r / 4u][r % 4u] = value * value;
        made[r / 4u][r % 4u] = value * weight;
    }
    if (next == 0ul) {
        return;
    }
    barrier();
    storeMade(next, rows, first);
}
