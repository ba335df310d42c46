#version 460
// One token's attention with what goes before it: turns q and k by rotary positions (PAIRING: 1 adjacent values, 2 halves of a head, 0
// not at all), stores k and v in the cache at the token's position, and makes `to`, in sixteen-bit steps, as `attention` does.
// Groups: x = heads of keys, y = splits.
//
// A workgroup takes a head of keys with the GROUP heads of queries that share it, and one of several stretches of positions, so
// that a long context keeps the whole device busy. It leaves each head's largest score, sum of weights and weighted sum of values
// in `parts`; the last workgroup of a head of keys to come so far adds them up (`tickets` says who that is).
#extension GL_GOOGLE_include_directive : require
#include "formats.glsl" // F32 or F16
#include "caches.glsl"
#include "exp.glsl"
#include "steps.glsl"
#include "turn.glsl"
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require

layout(local_size_x = 256) in;

layout(constant_id = 1) const uint GROUP = 8; // at most 16
layout(constant_id = 2) const uint KEY = 64; // lengths: multiples of 16, at most 256
layout(constant_id = 3) const uint VALUE = 64;
layout(constant_id = 4) const uint PAIRING = 0;

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t q;
    uint64_t k;
    uint64_t v;
    uint64_t caches;
    uint64_t positions;
    uint64_t frequencies;
    uint64_t parts;
    uint64_t tickets;
    uint64_t keyOffset;
    uint64_t valueOffset;
    uint pairs;
    float magnitude;
    float scale;
};

layout(buffer_reference, std430, buffer_reference_align = 16) coherent buffer Shared4 { vec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) coherent buffer Shared2 { vec2 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) coherent buffer Tickets { uint at[]; };

const uint LANES = 256u;
const uint CHUNK = 64u; // positions at a time
const uint TEAMS = LANES / CHUNK; // each of them takes every fourth head
const uint HEADS = (GROUP + TEAMS - 1u) / TEAMS;
const uint KEY4 = KEY / 4u;
const uint VALUE4 = VALUE / 4u;
const uint UNITS = GROUP * VALUE4; // results, by four
const uint SHARES = UNITS < LANES ? LANES / UNITS : 1u;
const uint ROUNDS = (UNITS + LANES - 1u) / LANES;
const uint FEWEST = 16u; // positions of a stretch

shared vec4 query[GROUP * KEY4];
shared vec4 newKey[KEY4];
shared vec4 newValue[VALUE4];
shared vec2 turned[128];
shared float weights[GROUP * CHUNK];
shared float subgroupFloats[GROUP * 16u];
shared float shrinks[GROUP];
shared vec4 sums[LANES * ROUNDS];
shared float totals[GROUP];
shared uint last;

// As the cache gives it back.
float stored(float x) {
    return FORMAT == F16 ? fromHalf(toHalf(x)) : x;
}

vec4 four(uint64_t row, uint v4) {
    if (FORMAT == F32) {
        return Floats4(row).at[v4];
    }
    Words w = Words(row);
    return vec4(fromHalves(w.at[2u * v4]), fromHalves(w.at[2u * v4 + 1u]));
}

// Value i of a head of queries or keys, turned.
float turnedValue(Floats head, uint i) {
    float x = head.at[i];
    if (PAIRING == 0u || i >= 2u * pairs) {
        return x;
    }
    bool first = PAIRING == 1u ? (i & 1u) == 0u : i < pairs;
    uint other = PAIRING == 1u ? i ^ 1u : first ? i + pairs : i - pairs;
    vec2 turn = turned[PAIRING == 1u ? i >> 1 : first ? i : other];
    return x * turn.x + head.at[other] * (first ? -turn.y : turn.y);
}

// The largest of (or sum over) the 64 lanes of a team, whose subgroups lie in one team each; all lanes of a team call for one head.
uint slotOf(uint head, uint lane) {
    return head * 16u + lane % CHUNK / gl_SubgroupSize;
}

uint slots() {
    return CHUNK / gl_SubgroupSize;
}

void main() {
    uint kvHead = gl_WorkGroupID.x;
    uint lane = gl_SubgroupID * gl_SubgroupSize + gl_SubgroupInvocationID;
    uint newest = Words(positions).at[0];
    uint count = newest + 1u;
    uint stretch = max(FEWEST, (count + gl_NumWorkGroups.y - 1u) / gl_NumWorkGroups.y);
    uint used = (count + stretch - 1u) / stretch;
    uint split = gl_WorkGroupID.y;
    if (split >= used) {
        return;
    }
    uint begin = split * stretch;
    uint end = min(count, begin + stretch);

    if (PAIRING != 0u) {
        for (uint i = lane; i < pairs; i += LANES) {
            turned[i] = turnOf(Floats(frequencies), pairs, i, newest) * magnitude;
        }
        barrier();
    }
    for (uint i = lane; i < GROUP * KEY; i += LANES) {
        Floats head = Floats(q + uint64_t(kvHead * GROUP + i / KEY) * KEY * 4ul);
        query[i / 4u][i % 4u] = turnedValue(head, i % KEY) * scale;
    }
    uint keyBytes = uint(bytesOf(KEY));
    uint valueBytes = uint(bytesOf(VALUE));
    if (end == count) {
        Floats key = Floats(k + uint64_t(kvHead) * KEY * 4ul);
        Floats value = Floats(v + uint64_t(kvHead) * VALUE * 4ul);
        uint64_t keyTo = cached(caches, 0u, newest, keyOffset, kvHead, keyBytes);
        uint64_t valueTo = cached(caches, 0u, newest, valueOffset, kvHead, valueBytes);
        for (uint i = lane; i < KEY + VALUE; i += LANES) {
            bool isKey = i < KEY;
            uint at = isKey ? i : i - KEY;
            float x = isKey ? turnedValue(key, at) : value.at[at];
            uint64_t dst = isKey ? keyTo : valueTo;
            if (FORMAT == F16) {
                Halves(dst).at[at] = uint16_t(toHalf(x));
            } else {
                Floats(dst).at[at] = x;
            }
            if (isKey) {
                newKey[at / 4u][at % 4u] = stored(x);
            } else {
                newValue[at / 4u][at % 4u] = stored(x);
            }
        }
    }
    barrier();

    uint team = lane / CHUNK;
    uint unit = lane % UNITS;
    uint share = lane / UNITS;
    float largest[HEADS];
    float total[HEADS];
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        largest[j] = -3.402823466e38;
        total[j] = 0.0;
    }
    vec4 sum[ROUNDS];
    [[unroll]] for (uint j = 0u; j < ROUNDS; j++) {
        sum[j] = vec4(0.0);
    }
    for (uint first = begin; first < end; ) {
        // A chunk lies in one block of the cache.
        uint here = min(min(end - first, CHUNK), POSITIONS - first % POSITIONS);
        uint64_t keys = cached(caches, 0u, first, keyOffset, kvHead, keyBytes);
        uint64_t values = cached(caches, 0u, first, valueOffset, kvHead, valueBytes);
        uint p = lane % CHUNK;
        bool mine = p < here;
        bool isNew = first + p == newest;
        float score[HEADS];
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            score[j] = 0.0;
        }
        if (mine) {
            uint64_t key = keys + p * keyBytes;
            for (uint run = 0u; run < KEY / 16u; run++) {
                vec4 w[4];
                if (isNew) {
                    [[unroll]] for (uint n = 0u; n < 4u; n++) {
                        w[n] = newKey[run * 4u + n];
                    }
                } else {
                    decode(key, run, KEY, w);
                }
                [[unroll]] for (uint j = 0u; j < HEADS; j++) {
                    uint h = min(j * TEAMS + team, GROUP - 1u);
                    [[unroll]] for (uint n = 0u; n < 4u; n++) {
                        score[j] += dot(w[n], query[h * KEY4 + run * 4u + n]);
                    }
                }
            }
        }
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = j * TEAMS + team;
            float most = subgroupMax(mine ? score[j] : -3.402823466e38);
            if (h < GROUP && subgroupElect()) {
                subgroupFloats[slotOf(h, lane)] = most;
            }
        }
        barrier();
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = j * TEAMS + team;
            if (h < GROUP) {
                float most = subgroupFloats[h * 16u];
                for (uint s = 1u; s < slots(); s++) {
                    most = max(most, subgroupFloats[h * 16u + s]);
                }
                float before = largest[j];
                largest[j] = max(before, most);
                float shrink = expOfNegative(before - largest[j]);
                float weight = mine ? expOfNegative(score[j] - largest[j]) : 0.0;
                total[j] = total[j] * shrink + weight;
                weights[h * CHUNK + p] = weight;
                if (p == 0u) {
                    shrinks[h] = shrink;
                }
            }
        }
        barrier();
        if (share < SHARES) {
            [[unroll]] for (uint j = 0u; j < ROUNDS; j++) {
                uint u = unit + j * LANES;
                if (u < UNITS) {
                    uint h = u / VALUE4;
                    uint v4 = u % VALUE4;
                    vec4 s = sum[j] * shrinks[h];
                    [[unroll]] for (uint i0 = 0u; i0 < CHUNK; i0 += 8u * SHARES) {
                        if (i0 + share < here) {
                            vec4 x[8];
                            [[unroll]] for (uint n = 0u; n < 8u; n++) {
                                uint i = min(i0 + share + n * SHARES, here - 1u);
                                x[n] = first + i == newest ? newValue[v4] : four(values + i * valueBytes, v4);
                            }
                            [[unroll]] for (uint n = 0u; n < 8u; n++) {
                                uint i = i0 + share + n * SHARES;
                                s += (i < here ? weights[h * CHUNK + min(i, CHUNK - 1u)] : 0.0) * x[n];
                            }
                        }
                    }
                    sum[j] = s;
                }
            }
        }
        first += here;
        // What follows overwrites `subgroupFloats`, which all have read before the barrier above, and, behind a barrier, the rest.
    }

    // This stretch's parts: sums of values, and of weights.
    [[unroll]] for (uint j = 0u; j < ROUNDS; j++) {
        sums[j * LANES + lane] = sum[j];
    }
    barrier();
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = j * TEAMS + team;
        float all = subgroupAdd(total[j]);
        if (h < GROUP && subgroupElect()) {
            subgroupFloats[slotOf(h, lane)] = all;
        }
    }
    barrier();
    uint64_t heads = parts + uint64_t(kvHead * gl_NumWorkGroups.y + split) * (GROUP * (VALUE + 4u) * 4u);
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = j * TEAMS + team;
        if (h < GROUP && lane % CHUNK == 0u) {
            float all = subgroupFloats[h * 16u];
            for (uint s = 1u; s < slots(); s++) {
                all += subgroupFloats[h * 16u + s];
            }
            Shared2(heads + h * 16u).at[0] = vec2(largest[j], all);
        }
    }
    for (uint u = lane; u < UNITS; u += LANES) {
        vec4 s = sums[u];
        for (uint i = 1u; i < SHARES; i++) {
            s += sums[u + i * UNITS];
        }
        Shared4(heads + GROUP * 16u).at[u] = s;
    }
    memoryBarrierBuffer();
    barrier();
    if (lane == 0u) {
        last = used == 1u || atomicAdd(Tickets(tickets).at[kvHead], 1u) == used - 1u ? 1u : 0u;
    }
    barrier();
    if (last == 0u) {
        return;
    }
    memoryBarrierBuffer();
    if (lane == 0u && used > 1u) {
        Tickets(tickets).at[kvHead] = 0u;
    }
    // All stretches of this head of keys.
    uint64_t all = parts + uint64_t(kvHead * gl_NumWorkGroups.y) * (GROUP * (VALUE + 4u) * 4u);
    uint size = GROUP * (VALUE + 4u) * 4u;
    for (uint u = lane; u < UNITS; u += LANES) {
        uint h = u / VALUE4;
        vec4 s = vec4(0.0);
        float most = -3.402823466e38;
        float weight = 0.0;
        for (uint i0 = 0u; i0 < used; i0 += 8u) {
            vec4 x[8];
            vec2 of[8];
            [[unroll]] for (uint n = 0u; n < 8u; n++) {
                uint64_t stretch_ = all + min(i0 + n, used - 1u) * size;
                of[n] = Shared2(stretch_ + h * 16u).at[0];
                x[n] = Shared4(stretch_ + GROUP * 16u).at[u];
            }
            [[unroll]] for (uint n = 0u; n < 8u; n++) {
                if (i0 + n < used) {
                    float before = most;
                    most = max(most, of[n].x);
                    float shrink = expOfNegative(before - most);
                    float grow = expOfNegative(of[n].x - most);
                    s = s * shrink + x[n] * grow;
                    weight = weight * shrink + of[n].y * grow;
                }
            }
        }
        sums[u] = s / weight;
    }
    barrier();
    uint columns = gl_NumWorkGroups.x * GROUP * VALUE;
    for (uint i = lane; i < GROUP * VALUE; i += LANES) {
        float near[16];
        [[unroll]] for (uint n = 0u; n < 4u; n++) {
            vec4 x = sums[i / 16u * 4u + n];
            near[4u * n] = x.x;
            near[4u * n + 1u] = x.y;
            near[4u * n + 2u] = x.z;
            near[4u * n + 3u] = x.w;
        }
        store(to, columns, kvHead * GROUP * VALUE + i, near, 0.0);
    }
}
