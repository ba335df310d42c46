#version 460
// out[j,r] = Σ_c w[ids[j]][r,c] · x[perToken ? j : j / used, c]. Groups: x = ceil(rows / ROWS), or fewer; y = T · used.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "product.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint64_t ids;
    uint rows;
    uint columns;
    uint used;
    uint perToken;
    uint64_t books;
};

void main() {
    codebooks = books;
    uint j = gl_WorkGroupID.y;
    uint64_t matrix = w + uint64_t(Words(ids).at[j]) * rows * bytesOf(columns);
    uint64_t input_ = rowOf(x, perToken != 0u ? j : j / used, columns);
    uint64_t output_ = rowOf(out_, j, rows);
    for (uint first = gl_WorkGroupID.x * ROWS; first < rows; first += gl_NumWorkGroups.x * ROWS) {
        product(output_, matrix, input_, first, rows, columns, 0u, 1u);
    }
}
