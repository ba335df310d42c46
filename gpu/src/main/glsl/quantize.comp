#version 460
// to = x ⊙ w, quantized, with the squares of x; w = 0: to = x. Groups: x = ceil(columns / 2048).
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "quantized.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t x;
    uint64_t w;
    uint columns; // a multiple of 16
};

void main() {
    uint block = gl_GlobalInvocationID.x;
    if (block >= columns / 16u) {
        return;
    }
    float values[16];
    float squares = 0.0;
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        vec4 v = Floats4(x).at[block * 4u + k];
        squares += dot(v, v);
        if (w != 0ul) {
            v *= Floats4(w).at[block * 4u + k];
        }
        [[unroll]] for (uint i = 0u; i < 4u; i++) {
            values[k * 4u + i] = v[i];
        }
    }
    uint largest = largestOf(values);
    int sum = 0;
    [[unroll]] for (uint i = 0u; i < 16u; i++) {
        int code = codeOf(values[i], largest);
        sum += code;
        storeCode(to, columns, block * 16u + i, code);
    }
    storeScale(to, columns, block, largest, sum, squares);
}
