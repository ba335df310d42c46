#version 460
// out = the rows of w as `matmulMatrices` decodes them, in the order of the columns. Groups: x = rows.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "../../main/glsl/formats.glsl"
#include "../../main/glsl/decodeHalves.glsl"

layout(local_size_x = 32) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t books;
    uint columns;
};

void main() {
    codebooks = books;
    uint64_t row = w + gl_WorkGroupID.x * bytesOf(columns);
    Floats4 to = Floats4(rowOf(out_, gl_WorkGroupID.x, columns));
    for (uint run = gl_LocalInvocationIndex; run < columns / 16u; run += 32u) {
        uvec4 halves[2];
        decodeHalves(loadRun(row, run, columns), run, halves[0], halves[1]);
        for (uint k = 0u; k < 4u; k++) {
            vec2 even = unpackHalf2x16(halves[k / 2u][k % 2u * 2u]);
            vec2 odd = unpackHalf2x16(halves[k / 2u][k % 2u * 2u + 1u]);
            to.at[run * 4u + k] = vec4(even.x, odd.x, even.y, odd.y) / RAISED;
        }
    }
}
