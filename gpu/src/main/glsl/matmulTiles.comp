#version 460
// out[t,r] = scales[t] · Σ_c w[r,c] · x[t,c], x as f16 with a scale for each token, for many tokens, by cooperative matrices:
// weights are decoded to f16, sums are f32. Groups: x = ceil(rows / TILE_ROWS), y = ceil(tokens / TILE_TOKENS).
//
// A workgroup makes TILE_ROWS × TILE_TOKENS results, DEPTH columns at a time in shared memory; each subgroup makes
// SUB_ROWS × SUB_TOKENS of them with matrices of M × K and K × N.
#extension GL_GOOGLE_include_directive : require
#define SPLIT_ROWS
#include "formats.glsl"
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require

layout(local_size_x_id = 1) in;

layout(constant_id = 2) const uint TILE_ROWS = 128;
layout(constant_id = 3) const uint TILE_TOKENS = 128;
layout(constant_id = 4) const uint DEPTH = 32; // a multiple of 16 and of K; divides the columns
layout(constant_id = 5) const uint SUB_ROWS = 32;
layout(constant_id = 6) const uint SUB_TOKENS = 64;
layout(constant_id = 7) const uint M = 16;
layout(constant_id = 8) const uint N = 16;
layout(constant_id = 9) const uint K = 16;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint64_t scales;
    uint rows;
    uint columns;
    uint tokens;
};

const uint PITCH = DEPTH / 4u + 2u; // sixteen bytes more keep eight rows in different banks
const uint SUBGROUPS = TILE_ROWS / SUB_ROWS * (TILE_TOKENS / SUB_TOKENS);
const uint DOWN = SUB_ROWS / M;
const uint ACROSS = SUB_TOKENS / N;

shared f16vec4 tileW[TILE_ROWS * PITCH];
shared f16vec4 tileX[TILE_TOKENS * PITCH];
shared float results[SUBGROUPS * M * N];

void main() {
    uint lane = gl_LocalInvocationIndex;
    uint firstRow = gl_WorkGroupID.x * TILE_ROWS;
    uint firstToken = gl_WorkGroupID.y * TILE_TOKENS;
    uint subRow = gl_SubgroupID % (TILE_ROWS / SUB_ROWS) * SUB_ROWS;
    uint subToken = gl_SubgroupID / (TILE_ROWS / SUB_ROWS) * SUB_TOKENS;
    uint64_t pitch = bytesOf(columns);

    coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator> sums[DOWN * ACROSS];
    [[unroll]] for (uint i = 0u; i < DOWN * ACROSS; i++) {
        sums[i] = coopmat<float, gl_ScopeSubgroup, M, N, gl_MatrixUseAccumulator>(0.0);
    }
    for (uint c = 0u; c < columns; c += DEPTH) {
        for (uint i = lane; i < TILE_ROWS * (DEPTH / 16u); i += gl_WorkGroupSize.x) {
            uint r = i % TILE_ROWS;
            uint run = i / TILE_ROWS;
            vec4 decoded[4];
            decode(w + min(firstRow + r, rows - 1u) * pitch, c / 16u + run, columns, decoded);
            [[unroll]] for (uint k = 0u; k < 4u; k++) {
                tileW[r * PITCH + run * 4u + k] = f16vec4(decoded[k]);
            }
        }
        for (uint i = lane; i < TILE_TOKENS * (DEPTH / 8u); i += gl_WorkGroupSize.x) {
            uint t = i / (DEPTH / 8u);
            uint eight = i % (DEPTH / 8u);
            uvec4 v = Words4(x).at[(min(firstToken + t, tokens - 1u) * columns + c) / 8u + eight];
            tileX[t * PITCH + eight * 2u] = f16vec4(unpackFloat2x16(v.x), unpackFloat2x16(v.y));
            tileX[t * PITCH + eight * 2u + 1u] = f16vec4(unpackFloat2x16(v.z), unpackFloat2x16(v.w));
        }
        barrier();
        [[unroll]] for (uint k = 0u; k < DEPTH; k += K) {
            coopmat<float16_t, gl_ScopeSubgroup, M, K, gl_MatrixUseA> a[DOWN];
            [[unroll]] for (uint i = 0u; i < DOWN; i++) {
                coopMatLoad(a[i], tileW, (subRow + i * M) * PITCH + k / 4u, PITCH, gl_CooperativeMatrixLayoutRowMajor);
            }
            [[unroll]] for (uint j = 0u; j < ACROSS; j++) {
                coopmat<float16_t, gl_ScopeSubgroup, K, N, gl_MatrixUseB> b;
                coopMatLoad(b, tileX, (subToken + j * N) * PITCH + k / 4u, PITCH, gl_CooperativeMatrixLayoutColumnMajor);
                [[unroll]] for (uint i = 0u; i < DOWN; i++) {
                    sums[j * DOWN + i] = coopMatMulAdd(a[i], b, sums[j * DOWN + i]);
                }
            }
        }
        barrier(); // before the next columns overwrite these
    }
    // By way of shared memory: a tile may reach over the end of the rows or of the tokens.
    [[unroll]] for (uint j = 0u; j < ACROSS; j++) {
        [[unroll]] for (uint i = 0u; i < DOWN; i++) {
            coopMatStore(sums[j * DOWN + i], results, gl_SubgroupID * M * N, M, gl_CooperativeMatrixLayoutColumnMajor);
            subgroupMemoryBarrierShared();
            subgroupBarrier();
            for (uint e = gl_SubgroupInvocationID; e < M * N; e += gl_SubgroupSize) {
                uint r = firstRow + subRow + i * M + e % M;
                uint t = firstToken + subToken + j * N + e / M;
                if (r < rows && t < tokens) {
                    Floats(rowOf(out_, t, rows)).at[r] = results[gl_SubgroupID * M * N + e] * Floats(scales).at[t];
                }
            }
            subgroupBarrier();
        }
    }
}
