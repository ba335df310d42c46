#version 460
// out[r,i] = what piece i of row r of w adds to its product with x, as `products` multiplies. Groups: x = rows.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "../../main/glsl/dots.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint64_t books;
};

void main() {
    codebooks = books;
    uint pieces = piecesIn(FORMAT, COLUMNS);
    uint64_t row = w + gl_WorkGroupID.x * pitchOf(FORMAT, COLUMNS, true);
    for (uint i = gl_LocalInvocationIndex; i < pieces; i += gl_WorkGroupSize.x) {
        Floats(out_).at[gl_WorkGroupID.x * pieces + i] = multiply(FORMAT, load(FORMAT, row, i), blocks(FORMAT, x, i), i);
    }
}
