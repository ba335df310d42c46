#version 460
// What a pass of one token begins with: x = table[tokens[0]], decoded; to = x ⊙ norm, quantized, with the squares of x.
// Groups: x = ceil(columns / 1024).
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "formats.glsl"
#include "quantized.glsl"

layout(local_size_x = 64) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t x;
    uint64_t table;
    uint64_t tokens;
    uint64_t norm;
    uint64_t to;
    uint64_t books;
    uint columns; // a multiple of 16
};

void main() {
    codebooks = books;
    uint block = gl_GlobalInvocationID.x;
    if (block >= columns / 16u) {
        return;
    }
    vec4 weights[4];
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        weights[k] = Floats4(norm).at[block * 4u + k];
    }
    vec4 row[4];
    decode(table + Words(tokens).at[0] * bytesOf(columns), block, columns, row);
    float squares = 0.0;
    uint largest = 0u;
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        Floats4(x).at[block * 4u + k] = row[k];
        squares += dot(row[k], row[k]);
        row[k] *= weights[k];
        largest = max(largest, largestOf(row[k]));
    }
    int sum = 0;
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        sum += storeFour(to, columns, block * 16u + k * 4u, row[k], largest);
    }
    storeScale(to, columns, block, largest, sum, squares);
}
