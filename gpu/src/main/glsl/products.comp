#version 460
// Up to three products of one quantized vector, of formats FORMAT (those before `others`) and OTHER:
// out_m[r] = s · Σ_c w_m[r,c] · x[c], s = 1 / √(mean of squares + epsilon) if NORMED, else 1; `host` gets what out0 gets, if it is
// not 0. Groups: x = Σ ceil(rows_m / 16 / GROUPS).
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "dots.glsl"

layout(constant_id = 1) const uint OTHER = 0;

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t w0;
    uint64_t w1;
    uint64_t w2;
    uint64_t out0;
    uint64_t out1;
    uint64_t out2;
    uint64_t host;
    uint64_t books;
    uint rows0;
    uint rows1;
    uint rows2;
    uint others;
    float epsilon;
};

void main() {
    codebooks = books;
    uint group = gl_WorkGroupID.x;
    uint groups0 = (rows0 + OUT_ROWS - 1u) / OUT_ROWS;
    uint groups1 = (rows1 + OUT_ROWS - 1u) / OUT_ROWS;
    uint which = group < groups0 ? 0u : group < groups0 + groups1 ? 1u : 2u;
    uint first = (group - (which == 0u ? 0u : which == 1u ? groups0 : groups0 + groups1)) * OUT_ROWS;
    uint64_t w = which == 0u ? w0 : which == 1u ? w1 : w2;
    uint rows = which == 0u ? rows0 : which == 1u ? rows1 : rows2;
    uint width = subgroupWidth();
    bool one = FORMAT == OTHER || which < others;
    float squares = squaresHere(x);
    if (one) {
        multiplyGroup(FORMAT, w, 0ul, first, rows, x);
    } else {
        multiplyGroup(OTHER, w, 0ul, first, rows, x);
    }
    collectSquares(squares, width);
    barrier();
    uint r = gl_LocalInvocationIndex;
    float scale = normScale(epsilon, width);
    if (r < OUT_ROWS && first + r < rows) {
        float result = productOf(one ? FORMAT : OTHER, r, width) * scale;
        Floats(which == 0u ? out0 : which == 1u ? out1 : out2).at[first + r] = result;
        if (which == 0u && host != 0ul) {
            Floats(host).at[first + r] = result;
        }
    }
}
