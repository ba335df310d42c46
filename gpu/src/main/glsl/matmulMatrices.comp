#version 460
// out[t,r] = scale[t] · Σ_c w[r,c] · x[t,c], x as `halve` leaves it, for many tokens, by cooperative matrices of 16 × 16: weights are
// decoded to f16, sums are f32. Formats with blocks. Groups: x = ceil(rows / TILE_ROWS), y = ceil(tokens / TILE_TOKENS).
//
// A workgroup makes TILE_ROWS × TILE_TOKENS results. 64 columns at a time lie in shared memory; while they are multiplied, the next
// ones are on their way to registers.
#extension GL_GOOGLE_include_directive : require
#define EXACT_HALVES 3
#include "formats.glsl"
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require

layout(local_size_x = 256) in;

layout(constant_id = 1) const uint TILE_ROWS = 64; // 64 or 128
layout(constant_id = 2) const uint TILE_TOKENS = 128; // 64 or 128

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint64_t scales;
    uint rows;
    uint columns; // a multiple of 64
    uint tokens;
};

const uint LANES = 256u;
const uint DEPTH = 64u;
const uint PITCH = DEPTH / 8u + 1u; // of sixteen bytes; one more keeps eight rows in different banks
const uint RUNS = TILE_ROWS * (DEPTH / 16u) / LANES; // that an invocation brings
const uint EIGHTS = TILE_TOKENS * (DEPTH / 8u) / LANES;
const uint SUB_TOKENS = 32u;
const uint ACROSS = TILE_TOKENS / SUB_TOKENS; // subgroups beside each other
const uint SUB_ROWS = TILE_ROWS * ACROSS / 8u; // 16, 32 or 64
const uint DOWN = SUB_ROWS / 16u;

shared uvec4 tileW[TILE_ROWS * PITCH];
shared uvec4 tileX[TILE_TOKENS * PITCH];
shared float results[8u * 256u];

uvec2 halvesOf(vec4 v) {
    return uvec2(packFloat2x16(f16vec2(v.xy)), packFloat2x16(f16vec2(v.zw)));
}

void main() {
    uint lane = gl_LocalInvocationIndex;
    uint firstRow = gl_WorkGroupID.x * TILE_ROWS;
    uint firstToken = gl_WorkGroupID.y * TILE_TOKENS;
    uint subRow = gl_SubgroupID / ACROSS * SUB_ROWS;
    uint subToken = gl_SubgroupID % ACROSS * SUB_TOKENS;

    // Neighbours bring neighbouring runs of a row, and neighbouring parts of a token.
    uint broughtRun = lane % 4u;
    uint64_t rowsAt[RUNS];
    [[unroll]] for (uint i = 0u; i < RUNS; i++) {
        uint r = min(firstRow + lane / 4u + i * (LANES / 4u), rows - 1u);
        rowsAt[i] = w + r * bytesOf(columns);
    }
    uint broughtEight = lane % 8u;
    uint64_t tokensAt[EIGHTS];
    [[unroll]] for (uint i = 0u; i < EIGHTS; i++) {
        uint t = min(firstToken + lane / 8u + i * (LANES / 8u), tokens - 1u);
        tokensAt[i] = x + uint64_t(t) * columns * 2ul;
    }

    coopmat<float, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator> sums[DOWN * 2u];
    [[unroll]] for (uint i = 0u; i < DOWN * 2u; i++) {
        sums[i] = coopmat<float, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator>(0.0);
    }
    Run runs[RUNS];
    uvec4 eights[EIGHTS];
    [[unroll]] for (uint i = 0u; i < RUNS; i++) {
        runs[i] = loadRun(rowsAt[i], broughtRun, columns);
    }
    [[unroll]] for (uint i = 0u; i < EIGHTS; i++) {
        eights[i] = Words4(tokensAt[i]).at[broughtEight];
    }
    for (uint c = 0u; c < columns; c += DEPTH) {
        [[unroll]] for (uint i = 0u; i < RUNS; i++) {
            vec4 v[4];
            decodeRun(runs[i], c / 16u + broughtRun, v);
            uint at = (lane / 4u + i * (LANES / 4u)) * PITCH + broughtRun * 2u;
            tileW[at] = uvec4(halvesOf(v[0]), halvesOf(v[1]));
            tileW[at + 1u] = uvec4(halvesOf(v[2]), halvesOf(v[3]));
        }
        [[unroll]] for (uint i = 0u; i < EIGHTS; i++) {
            tileX[(lane / 8u + i * (LANES / 8u)) * PITCH + broughtEight] = eights[i];
        }
        barrier();
        uint next = c + DEPTH < columns ? c + DEPTH : 0u; // at the end something that is there
        [[unroll]] for (uint i = 0u; i < RUNS; i++) {
            runs[i] = loadRun(rowsAt[i], next / 16u + broughtRun, columns);
        }
        [[unroll]] for (uint i = 0u; i < EIGHTS; i++) {
            eights[i] = Words4(tokensAt[i]).at[next / 8u + broughtEight];
        }
        [[unroll]] for (uint k = 0u; k < DEPTH / 16u; k++) {
            coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseA> a[DOWN];
            [[unroll]] for (uint i = 0u; i < DOWN; i++) {
                coopMatLoad(a[i], tileW, (subRow + i * 16u) * PITCH + k * 2u, PITCH, gl_CooperativeMatrixLayoutRowMajor);
            }
            [[unroll]] for (uint j = 0u; j < 2u; j++) {
                coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseB> b;
                coopMatLoad(b, tileX, (subToken + j * 16u) * PITCH + k * 2u, PITCH, gl_CooperativeMatrixLayoutColumnMajor);
                [[unroll]] for (uint i = 0u; i < DOWN; i++) {
                    sums[i * 2u + j] = coopMatMulAdd(a[i], b, sums[i * 2u + j]);
                }
            }
        }
        barrier(); // before the next columns overwrite these
    }
    // By way of shared memory: a tile may reach over the end of the rows or of the tokens.
    [[unroll]] for (uint i = 0u; i < DOWN * 2u; i++) {
        coopMatStore(sums[i], results, gl_SubgroupID * 256u, 16u, gl_CooperativeMatrixLayoutColumnMajor);
        subgroupBarrier();
        for (uint e = gl_SubgroupInvocationID; e < 256u; e += gl_SubgroupSize) {
            uint r = firstRow + subRow + i / 2u * 16u + e % 16u;
            uint t = firstToken + subToken + i % 2u * 16u + e / 16u;
            if (r < rows && t < tokens) {
                Floats(rowOf(out_, t, rows)).at[r] = results[gl_SubgroupID * 256u + e] * Floats(scales).at[t];
            }
        }
        subgroupBarrier();
    }
}
