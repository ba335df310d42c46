#version 460
// Rows of Q4_0, Q8_0 or Q6_K from the blocks of a file to REPACKED ones. Groups: x = rows, or fewer.
#extension GL_GOOGLE_include_directive : require
#include "formats.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t from;
    uint rows;
    uint columns;
};

void main() {
    const uint HALVES = BLOCK_BYTES / 2u;
    uint blocks = columns / (FORMAT == Q6_K ? 256u : 32u);
    uint64_t pitch = pitchOf(FORMAT, columns, true);
    for (uint r = gl_WorkGroupID.x; r < rows; r += gl_NumWorkGroups.x) {
        Halves src = Halves(from + uint64_t(r) * blocks * BLOCK_BYTES);
        Halves dst = Halves(to + r * pitch);
        for (uint i = gl_LocalInvocationIndex; i < blocks * HALVES; i += 128u) {
            uint block = i / HALVES;
            uint k = i % HALVES;
            uint at;
            if (FORMAT == Q6_K) {
                at = k < 64u ? block * 64u + k
                        : k < 96u ? blocks * 64u + block * 32u + (k - 64u)
                        : k < 104u ? blocks * 96u + block * 8u + (k - 96u)
                        : blocks * 104u + block;
            } else {
                uint codes = HALVES - 1u;
                at = k == 0u ? blocks * codes + block : block * codes + (k - 1u);
            }
            dst.at[at] = src.at[i];
        }
    }
}
