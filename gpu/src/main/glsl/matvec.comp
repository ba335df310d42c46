#version 460
// out[t,r] = Σ_c w[slice][r,c] · x[t,c], for few tokens. Groups: x = ceil(rows / ROWS), or fewer.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "product.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint rows;
    uint columns;
    uint tokens;
    uint slice;
    uint64_t books;
};

void main() {
    codebooks = books;
    uint64_t matrix = w + uint64_t(slice) * rows * bytesOf(columns);
    for (uint first = gl_WorkGroupID.x * ROWS; first < rows; first += gl_NumWorkGroups.x * ROWS) {
        for (uint begin = 0u; begin < tokens; begin += TOKENS) {
            product(out_, matrix, x, first, rows, columns, begin, min(begin + TOKENS, tokens));
        }
    }
}
