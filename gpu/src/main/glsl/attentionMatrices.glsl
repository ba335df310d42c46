// out[t,h] = Σ_p softmax_p(scale · q[t,h] · key[p,h / group]) · value[p,h / group], p ≤ positions[t], for many tokens of one cache of
// f16, by cooperative matrices (FlashAttention: Dao et al. 2022, arXiv:2205.14135). Groups: x = heads, y = ceil(T / 64).
//
// A workgroup takes 64 tokens of a head, a subgroup 16 of them, and walks over the positions in chunks of 32, whose keys and values
// lie in shared memory while the next ones are on their way. Queries are rounded to halves with a power of two for each token, and
// so are the weights of the values; sums are f32. What was summed before shrinks when a larger score comes. Values that are not finite
// would reach tokens that do not see them, as zero times infinity: they are left out, and who sees one gets what is not a number.
#extension GL_GOOGLE_include_directive : require
#include "memory.glsl"
#include "caches.glsl"
#include "matrices.glsl"

layout(local_size_x = 128) in;

layout(constant_id = 0) const uint LENGTH = 64; // of keys and of values: a multiple of 16, 128 at most

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t q;
    uint64_t caches;
    uint64_t positions;
    uint64_t keyOffset;
    uint64_t valueOffset;
    uint heads;
    uint kvHeads;
    uint tokens;
    float scale;
};

const uint LANES = 128u;
const uint TILE = 64u; // tokens
const uint CHUNK = 32u; // positions
const uint EIGHTS = LENGTH / 8u; // of a row
const uint PITCH = EIGHTS + 1u; // one more keeps eight rows in different banks
const uint BROUGHT = (CHUNK * EIGHTS + LANES - 1u) / LANES; // eights of keys, and of values, that an invocation brings
const uint SLICES = LENGTH / 16u;
const uint WEIGHTS_PITCH = CHUNK / 8u + 1u;

shared uvec4 tiles[TILE * PITCH]; // the queries; then keys, and behind them values, of a chunk
shared float scores[4u * 16u * CHUNK]; // of a subgroup [position][token]; then what its sums shrink by [any][token]
shared uvec4 weights[4u * 16u * WEIGHTS_PITCH]; // of a subgroup [token][position], halves
shared float units[TILE]; // what a token's scores are multiplied by
shared float totals[4u * 32u];
shared uint wrong[CHUNK]; // one more than the first position of the last chunk whose value here was not finite

uint halvesOf(float a, float b) {
    return packFloat2x16(f16vec2(a, b));
}

bool finite(uvec4 halves) {
    return all(notEqual(halves & 0x7C00u, uvec4(0x7C00u))) && all(notEqual(halves & 0x7C000000u, uvec4(0x7C000000u)));
}

void main() {
    uint lane = gl_LocalInvocationIndex;
    uint h = gl_WorkGroupID.x;
    uint firstToken = (gl_NumWorkGroups.y - 1u - gl_WorkGroupID.y) * TILE; // those with most positions first
    uint kvHead = h / (heads / kvHeads);
    uint bytes = LENGTH * 2u;
    uint count = Words(positions).at[min(firstToken + TILE, tokens) - 1u] + 1u;

    // Queries as halves: the largest of a token between 512 and 1024.
    {
        uint row = lane / 2u;
        Floats4 asked = Floats4(rowOf(q, min(firstToken + row, tokens - 1u) * heads + h, LENGTH));
        uint largest = 0u;
        for (uint i = 0u; i < LENGTH / 4u; i++) {
            uvec4 bits = floatBitsToUint(asked.at[i]) & 0x7FFFFFFFu;
            largest = max(largest, max(max(bits.x, bits.y), max(bits.z, bits.w)));
        }
        uint exponent = clamp(largest >> 23, 20u, 254u);
        float shrink = uintBitsToFloat((263u - exponent) << 23);
        for (uint i = lane % 2u; i < EIGHTS; i += 2u) {
            vec4 a = asked.at[i * 2u] * shrink;
            vec4 b = asked.at[i * 2u + 1u] * shrink;
            tiles[row * PITCH + i] = uvec4(halvesOf(a.x, a.y), halvesOf(a.z, a.w), halvesOf(b.x, b.y), halvesOf(b.z, b.w));
        }
        if (lane < CHUNK) {
            wrong[lane] = 0u;
        }
        units[row] = scale * uintBitsToFloat((exponent - 9u) << 23);
    }
    barrier();
    Left query[SLICES];
    UNROLL for (uint k = 0u; k < SLICES; k++) {
        LOAD_LEFT(query[k], tiles, SUBGROUP * 16u * PITCH + k * 2u, PITCH);
    }
    Sums sums[SLICES];
    UNROLL for (uint n = 0u; n < SLICES; n++) {
        sums[n] = sumsOf(0.0);
    }

    uint token = SUBGROUP_LANE % 16u; // whose weights this invocation makes, of positions 16 · part to 16 · part + 15 of a chunk
    uint part = SUBGROUP_LANE / 16u;
    uint last = Words(positions).at[min(firstToken + SUBGROUP * 16u + token, tokens - 1u)];
    float unit = units[SUBGROUP * 16u + token];
    float largest = -3.402823466e38;
    float total = 0.0; // of the weights that this invocation made

    uvec4 keys[BROUGHT];
    uvec4 values[BROUGHT];
    for (int first = -int(CHUNK); first < int(count); first += int(CHUNK)) {
        uint next = uint(first + int(CHUNK));
        if (next < count) {
            uint64_t keysAt = cached(caches, firstToken, next, keyOffset, kvHead, bytes);
            uint64_t valuesAt = cached(caches, firstToken, next, valueOffset, kvHead, bytes);
            UNROLL for (uint i = 0u; i < BROUGHT; i++) {
                uint e = lane + i * LANES;
                bool there = e < CHUNK * EIGHTS && next + e / EIGHTS < count; // what is behind the end may be anything
                keys[i] = there ? Words4(keysAt).at[e] : uvec4(0u);
                values[i] = there ? Words4(valuesAt).at[e] : uvec4(0u);
            }
        }
        if (first >= 0) {
            UNROLL for (uint j = 0u; j < CHUNK / 16u; j++) {
                Sums s = sumsOf(0.0);
                UNROLL for (uint k = 0u; k < SLICES; k++) {
                    Right key;
                    LOAD_RIGHT(key, tiles, j * 16u * PITCH + k * 2u, PITCH);
                    s = multiplyAdd(query[k], key, s);
                }
                STORE_FLOATS(s, scores, SUBGROUP * 16u * CHUNK + j * 256u, 16u);
            }
            SUBGROUP_BARRIER;
            uint at = SUBGROUP * 16u * CHUNK + token;
            float before = largest;
            for (uint p = 0u; p < CHUNK; p++) {
                if (uint(first) + p <= last) {
                    largest = max(largest, scores[at + p * 16u] * unit);
                }
            }
            float mine[16];
            UNROLL for (uint i = 0u; i < 16u; i++) {
                uint p = part * 16u + i;
                mine[i] = uint(first) + p <= last ? exp2((scores[at + p * 16u] * unit - largest) * 1.44269504) : 0.0;
                total = i == 0u ? total * exp2((before - largest) * 1.44269504) + mine[i] : total + mine[i];
            }
            for (uint p = part * 16u; p < part * 16u + 16u; p++) {
                if (uint(first) + p <= last && wrong[p] == uint(first) + 1u) {
                    total = uintBitsToFloat(0x7FC00000u);
                }
            }
            float shrink = exp2((before - largest) * 1.44269504);
            SUBGROUP_BARRIER;
            UNROLL for (uint i = 0u; i < 8u; i++) {
                scores[SUBGROUP * 16u * CHUNK + (part * 8u + i) * 16u + token] = shrink;
            }
            UNROLL for (uint i = 0u; i < 2u; i++) {
                weights[(SUBGROUP * 16u + token) * WEIGHTS_PITCH + part * 2u + i] =
                        uvec4(halvesOf(mine[i * 8u], mine[i * 8u + 1u]), halvesOf(mine[i * 8u + 2u], mine[i * 8u + 3u]),
                                halvesOf(mine[i * 8u + 4u], mine[i * 8u + 5u]), halvesOf(mine[i * 8u + 6u], mine[i * 8u + 7u]));
            }
            SUBGROUP_BARRIER;
            Sums shrinks;
            LOAD_FLOATS(shrinks, scores, SUBGROUP * 16u * CHUNK, 16u);
            UNROLL for (uint n = 0u; n < SLICES; n++) {
                for (uint e = 0u; e < SUMS_COUNT(shrinks); e++) {
                    SUMS_AT(sums[n], e) *= SUMS_AT(shrinks, e);
                }
            }
            UNROLL for (uint k = 0u; k < CHUNK / 16u; k++) {
                Left weight;
                LOAD_LEFT(weight, weights, SUBGROUP * 16u * WEIGHTS_PITCH + k * 2u, WEIGHTS_PITCH);
                UNROLL for (uint n = 0u; n < SLICES; n++) {
                    Right value;
                    LOAD_RIGHT_ROWS(value, tiles, (CHUNK + k * 16u) * PITCH + n * 2u, PITCH);
                    sums[n] = multiplyAdd(weight, value, sums[n]);
                }
            }
        }
        barrier(); // all have used the queries, or the chunk before
        UNROLL for (uint i = 0u; i < BROUGHT; i++) {
            uint e = lane + i * LANES;
            if (e < CHUNK * EIGHTS) {
                tiles[e / EIGHTS * PITCH + e % EIGHTS] = keys[i];
                bool well = finite(values[i]);
                tiles[(CHUNK + e / EIGHTS) * PITCH + e % EIGHTS] = well ? values[i] : uvec4(0u);
                if (!well) {
                    wrong[e / EIGHTS] = next + 1u;
                }
            }
        }
        barrier();
    }
    totals[SUBGROUP * 32u + SUBGROUP_LANE] = total;
    UNROLL for (uint n = 0u; n < SLICES; n++) {
        SUBGROUP_BARRIER;
        STORE_FLOATS(sums[n], scores, SUBGROUP * 16u * CHUNK, 16u);
        SUBGROUP_BARRIER;
        UNROLL for (uint i = 0u; i < 8u; i++) {
            uint e = i * 32u + SUBGROUP_LANE;
            uint row = e / 16u;
            uint t = firstToken + SUBGROUP * 16u + row;
            if (t < tokens) {
                float all = totals[SUBGROUP * 32u + row] + totals[SUBGROUP * 32u + row + 16u];
                Floats(rowOf(out_, t * heads + h, LENGTH)).at[n * 16u + e % 16u] =
                        scores[SUBGROUP * 16u * CHUNK + e % 16u * 16u + row] / all;
            }
        }
    }
}
