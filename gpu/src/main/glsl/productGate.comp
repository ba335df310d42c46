#version 460
// to[r] = F(s · Σ_c gate[r,c] · x[c]) · s · Σ_c up[r,c] · x[c], x and to quantized, s as in `products`. Groups: x = ceil(rows / 16 / GROUPS).
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#define ACTIVATION 1
#include "dots.glsl"
#include "activation.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t gate;
    uint64_t up;
    uint64_t to;
    uint64_t books;
    uint rows; // a multiple of 16
    float epsilon;
};

void main() {
    codebooks = books;
    uint first = gl_WorkGroupID.x * OUT_ROWS;
    uint width = subgroupWidth();
    float squares = squaresHere(x);
    multiplyGroup(FORMAT, gate, up, first, rows, x);
    collectSquares(squares, width);
    barrier();
    uint r = gl_LocalInvocationIndex;
    float scale = normScale(epsilon, width);
    if (r < OUT_ROWS) {
        made[r / 4u][r % 4u] = activation(scale * productOf(FORMAT, r, width)) * (scale * productOf(FORMAT, OUT_ROWS + r, width));
        madeSquares[r / 4u][r % 4u] = 0.0;
    }
    barrier();
    storeMade(to, rows, first);
}
