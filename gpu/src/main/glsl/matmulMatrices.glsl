// out[t,r] = scale[t] · Σ_c w[r,c] · x[t,c], x as `halve` leaves it, for many tokens, by cooperative matrices of 16 × 16: weights are
// decoded to f16, sums are f32. Formats with blocks. Groups: x = ceil(rows / TILE_ROWS), y = ceil(tokens / TILE_TOKENS).
//
// Four subgroups make TILE_ROWS × TILE_TOKENS results, each a quarter. 64 columns at a time lie in shared memory; while they are
// multiplied, the next ones come to registers, and are decoded there before all have multiplied.
#include "formats.glsl"
#include "matrices.glsl"
#include "decodeHalves.glsl"

layout(local_size_x = 128) in;

layout(constant_id = 1) const uint TILE_ROWS = 64; // 64 or 128
layout(constant_id = 2) const uint TILE_TOKENS = 64; // 64 or 128

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint64_t scales;
    uint64_t books;
    uint rows;
    uint columns; // a multiple of 64
    uint tokens;
};

const uint LANES = 128u;
const uint DEPTH = 64u;
const uint PITCH = DEPTH / 8u + 1u; // of sixteen bytes; one more keeps eight rows in different banks
const uint SUB_ROWS = TILE_ROWS / 2u; // of a subgroup
const uint SUB_TOKENS = TILE_TOKENS / 2u;
const uint DOWN = SUB_ROWS / 16u;
const uint ALONG = SUB_TOKENS / 16u;
const uint RUN_LANES = DEPTH / 16u; // invocations that bring a row
const uint EIGHT_LANES = DEPTH / 8u;
const uint RUNS = TILE_ROWS * RUN_LANES / LANES; // that an invocation brings
const uint EIGHTS = TILE_TOKENS * EIGHT_LANES / LANES;

shared uvec4 tiles[(TILE_ROWS + TILE_TOKENS) * PITCH]; // weights, then tokens; in the end results

void main() {
    codebooks = books;
    uint lane = gl_LocalInvocationIndex;
    uint firstRow = gl_WorkGroupID.x * TILE_ROWS;
    uint firstToken = gl_WorkGroupID.y * TILE_TOKENS;
    uint subRow = SUBGROUP / 2u * SUB_ROWS;
    uint subToken = SUBGROUP % 2u * SUB_TOKENS;

    // Neighbours bring neighbouring runs of a row, and neighbouring parts of a token.
    uint broughtRun = lane % RUN_LANES;
    uint64_t rowsAt[RUNS];
    UNROLL for (uint i = 0u; i < RUNS; i++) {
        uint r = min(firstRow + lane / RUN_LANES + i * (LANES / RUN_LANES), rows - 1u);
        rowsAt[i] = w + r * bytesOf(columns);
    }
    uint broughtEight = lane % EIGHT_LANES;
    uint64_t tokensAt[EIGHTS];
    UNROLL for (uint i = 0u; i < EIGHTS; i++) {
        uint t = min(firstToken + lane / EIGHT_LANES + i * (LANES / EIGHT_LANES), tokens - 1u);
        tokensAt[i] = x + uint64_t(t) * columns * 2ul;
    }

    Sums sums[DOWN * ALONG];
    UNROLL for (uint i = 0u; i < DOWN * ALONG; i++) {
        sums[i] = sumsOf(0.0);
    }
    for (int c = -int(DEPTH); c < int(columns); c += int(DEPTH)) {
        uint next = uint(c) + DEPTH < columns ? uint(c) + DEPTH : 0u; // at the end something that is there
        Run runs[RUNS];
        uvec4 eights[EIGHTS];
        UNROLL for (uint i = 0u; i < RUNS; i++) {
            runs[i] = loadRun(rowsAt[i], next / 16u + broughtRun, columns);
        }
        UNROLL for (uint i = 0u; i < EIGHTS; i++) {
            eights[i] = Words4(tokensAt[i]).at[next / 8u + broughtEight];
        }
        if (c >= 0) {
            UNROLL for (uint k = 0u; k < DEPTH / 16u; k++) {
                Left a[DOWN];
                UNROLL for (uint i = 0u; i < DOWN; i++) {
                    LOAD_LEFT(a[i], tiles, (subRow + i * 16u) * PITCH + k * 2u, PITCH);
                }
                UNROLL for (uint j = 0u; j < ALONG; j++) {
                    Right b;
                    LOAD_RIGHT(b, tiles, (TILE_ROWS + subToken + j * 16u) * PITCH + k * 2u, PITCH);
                    UNROLL for (uint i = 0u; i < DOWN; i++) {
                        sums[i * ALONG + j] = multiplyAdd(a[i], b, sums[i * ALONG + j]);
                    }
                }
            }
        }
        uvec4 decoded[RUNS * 2u];
        UNROLL for (uint i = 0u; i < RUNS; i++) {
            decodeHalves(runs[i], next / 16u + broughtRun, decoded[i * 2u], decoded[i * 2u + 1u]);
        }
        barrier(); // all have multiplied what the next columns overwrite
        UNROLL for (uint i = 0u; i < RUNS; i++) {
            uint to = (lane / RUN_LANES + i * (LANES / RUN_LANES)) * PITCH + broughtRun * 2u;
            tiles[to] = decoded[i * 2u];
            tiles[to + 1u] = decoded[i * 2u + 1u];
        }
        UNROLL for (uint i = 0u; i < EIGHTS; i++) {
            tiles[(TILE_ROWS + lane / EIGHT_LANES + i * (LANES / EIGHT_LANES)) * PITCH + broughtEight] = eights[i];
        }
        barrier();
    }
    // By way of shared memory: a tile may reach over the end of the rows or of the tokens.
    UNROLL for (uint i = 0u; i < DOWN * ALONG; i++) {
        STORE_SUMS(sums[i], tiles, SUBGROUP * 64u, 4u);
        SUBGROUP_BARRIER;
        UNROLL for (uint e = 0u; e < 64u; e += 32u) {
            uint four = e + SUBGROUP_LANE; // rows of a token
            uint r = firstRow + subRow + i / ALONG * 16u + four % 4u * 4u;
            uint t = firstToken + subToken + i % ALONG * 16u + four / 4u;
            if (t < tokens) {
                vec4 v = uintBitsToFloat(tiles[SUBGROUP * 64u + four]) * (Floats(scales).at[t] / RAISED);
                if ((rows & 3u) == 0u) {
                    if (r < rows) {
                        Floats4(rowOf(out_, t, rows)).at[r / 4u] = v;
                    }
                } else {
                    UNROLL for (uint k = 0u; k < 4u; k++) {
                        if (r + k < rows) {
                            Floats(rowOf(out_, t, rows)).at[r + k] = v[k];
                        }
                    }
                }
            }
        }
        SUBGROUP_BARRIER;
    }
}
