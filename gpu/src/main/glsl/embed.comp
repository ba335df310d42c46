#version 460
// out[t] = table[tokens[t]], decoded. Groups: x = T.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "formats.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t table;
    uint64_t tokens;
    uint columns;
    uint rows;
    uint64_t books;
};

void main() {
    codebooks = books;
    uint t = gl_WorkGroupID.x;
    uint64_t row = table + Words(tokens).at[t] * bytesOf(columns);
    Floats dst = Floats(rowOf(out_, t, columns));
    for (uint run = gl_LocalInvocationIndex; run < runsOf(columns); run += 128u) {
        vec4 w[4];
        decode(row, run, columns, w);
        [[unroll]] for (uint i = 0u; i < 16u; i++) {
            uint c = run * 16u + i;
            if (!RAGGED || c < columns) {
                dst.at[c] = w[i / 4u][i % 4u];
            }
        }
    }
}
