#version 460
// Attention of one token, split over the context (Flash-Decoding: Dao et al. 2023), with what goes before it: rotates q and k (PAIRING:
// 1 adjacent values, 2 halves of a head, 0 not at all), stores k and v in the cache at the token's position, and makes `to`,
// quantized, as `attention` does. Groups: x = heads of keys, y = splits.
//
// A workgroup takes a head of keys with the GROUP heads of queries that share it, and one of several splits of the positions, so
// that a long context keeps the whole device busy. It leaves each head's largest score, sum of weights and weighted sum of values
// in `parts`; the last workgroup of a head of keys to come so far combines them (`tickets` says who that is). What is read from
// memory is asked for as early as it can be: with few positions, nearly all the time is waiting.
#extension GL_GOOGLE_include_directive : require
#define EXACT_HALVES 5
#include "formats.glsl" // F32 or F16
#include "caches.glsl"
#include "exp.glsl"
#include "quantized.glsl"
#include "subgroups.glsl"

layout(local_size_x = 256) in;

layout(constant_id = 1) const uint GROUP = 16; // at most 16
layout(constant_id = 2) const uint KEY = 128; // lengths: multiples of 16, at most 256; times GROUP, at most 2048
layout(constant_id = 3) const uint VALUE = 128;
layout(constant_id = 4) const uint PAIRING = 0;

layout(push_constant, std430) uniform Arguments {
    uint64_t to;
    uint64_t q;
    uint64_t k;
    uint64_t v;
    uint64_t caches;
    uint64_t positions;
    uint64_t rotations; // cosine and sine for each pair
    uint64_t parts;
    uint64_t tickets;
    uint64_t keyOffset;
    uint64_t valueOffset;
    uint pairs;
    float scale;
};

layout(buffer_reference, std430, buffer_reference_align = 16) coherent buffer Shared4 { vec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) coherent buffer Shared2 { vec2 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) coherent buffer Tickets { uint at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Words2 { uvec2 at[]; };

const uint LANES = 256u;
const uint CHUNK = 64u; // positions at a time
const uint TEAMS = LANES / CHUNK; // each of them takes every fourth head
const uint HEADS = (GROUP + TEAMS - 1u) / TEAMS;
const uint KEY4 = KEY / 4u;
const uint VALUE4 = VALUE / 4u;
const uint UNITS = GROUP * VALUE4; // results, by four
const uint SHARES = UNITS < LANES ? LANES / UNITS : 1u;
const uint ROUNDS = (UNITS + LANES - 1u) / LANES;
const uint FEWEST = 16u; // positions of a split
const uint AHEAD = 8u; // rows of values that are asked for at once
const uint KEY_LOADS = FORMAT == F16 ? KEY / 8u : KEY / 4u; // of sixteen bytes
const uint QUERY_LOADS = (GROUP * KEY + LANES - 1u) / LANES;

shared vec4 query[GROUP * KEY4];
shared uint newKey[KEY]; // as it lies in the cache
shared vec4 newValue[VALUE4];
shared float weights[GROUP * CHUNK];
shared float subgroupFloats[GROUP * 16u];
shared float shrinks[GROUP];
shared vec4 sums[LANES * ROUNDS];
shared uint last;

// As the cache gives it back.
float stored(float x) {
    return FORMAT == F16 ? fromHalf(toHalf(x)) : x;
}

// Sixteen bytes of keys: eight values, or four.
float dotOf(uvec4 w, uint h, uint i) {
    if (FORMAT == F16) {
        return dot(vec4(fromHalves(w.x), fromHalves(w.y)), query[h * KEY4 + 2u * i])
                + dot(vec4(fromHalves(w.z), fromHalves(w.w)), query[h * KEY4 + 2u * i + 1u]);
    }
    return dot(uintBitsToFloat(w), query[h * KEY4 + i]);
}

uvec4 fourOf(uint64_t row, uint v4) {
    return FORMAT == F16 ? uvec4(Words2(row).at[v4], 0u, 0u) : Words4(row).at[v4];
}

vec4 floatsOf(uvec4 w) {
    return FORMAT == F16 ? vec4(fromHalves(w.x), fromHalves(w.y)) : uintBitsToFloat(w);
}

// Value i of a head of queries or keys, rotated.
float rotated(Floats head, uint i) {
    float x = head.at[i];
    if (PAIRING == 0u || i >= 2u * pairs) {
        return x;
    }
    bool first = PAIRING == 1u ? (i & 1u) == 0u : i < pairs;
    uint other = PAIRING == 1u ? i ^ 1u : first ? i + pairs : i - pairs;
    vec2 rotation = Pairs(rotations).at[PAIRING == 1u ? i >> 1 : first ? i : other];
    return x * rotation.x + head.at[other] * (first ? -rotation.y : rotation.y);
}

// Stores the token's own key and value, in the cache and for this workgroup, to which the cache may not show them yet.
void append(uint lane, uint kvHead, uint position, uint64_t block) {
    Floats key = Floats(k + uint64_t(kvHead) * KEY * 4ul);
    Floats value = Floats(v + uint64_t(kvHead) * VALUE * 4ul);
    uint64_t row = uint64_t(kvHead * POSITIONS + position % POSITIONS);
    for (uint i = lane; i < KEY + VALUE; i += LANES) {
        bool isKey = i < KEY;
        uint at = isKey ? i : i - KEY;
        float x = isKey ? rotated(key, at) : value.at[at];
        uint64_t dst = block + (isKey ? keyOffset + row * bytesOf(KEY) : valueOffset + row * bytesOf(VALUE));
        if (FORMAT == F16) {
            Halves(dst).at[at] = uint16_t(toHalf(x));
        } else {
            Floats(dst).at[at] = x;
        }
        if (isKey) {
            newKey[at] = FORMAT == F16 ? toHalf(x) : floatBitsToUint(x);
        } else {
            newValue[at / 4u][at % 4u] = stored(x);
        }
    }
}

// A team's 64 lanes are whole subgroups, each of which leaves a number for a head here.
uint slotOf(uint head, uint lane, uint width) {
    return head * 16u + lane % CHUNK / width;
}

float mostOf(uint head, uint slots) {
    float most = subgroupFloats[head * 16u];
    for (uint s = 1u; s < slots; s++) {
        most = max(most, subgroupFloats[head * 16u + s]);
    }
    return most;
}

float sumOf(uint head, uint slots) {
    float sum = subgroupFloats[head * 16u];
    for (uint s = 1u; s < slots; s++) {
        sum += subgroupFloats[head * 16u + s];
    }
    return sum;
}

// Sixteen bytes of the token's own key.
uvec4 newKeyOf(uint i) {
    if (FORMAT == F16) {
        uint k = i * 8u;
        return uvec4(newKey[k], newKey[k + 2u], newKey[k + 4u], newKey[k + 6u])
                | uvec4(newKey[k + 1u], newKey[k + 3u], newKey[k + 5u], newKey[k + 7u]) << 16;
    }
    return uvec4(newKey[i * 4u], newKey[i * 4u + 1u], newKey[i * 4u + 2u], newKey[i * 4u + 3u]);
}

// The products of a position's key with the queries of this lane's team.
void multiplyKey(uvec4 key[KEY_LOADS], bool isNew, uint team, out float score[HEADS]) {
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = min(j * TEAMS + team, GROUP - 1u);
        score[j] = 0.0;
        [[unroll]] for (uint i = 0u; i < KEY_LOADS; i++) {
            score[j] += dotOf(isNew ? newKeyOf(i) : key[i], h, i);
        }
    }
}

// What this split leaves: for each head its largest score and sum of weights, then the sums of values, by four.
const uint PART_BYTES = GROUP * (VALUE + 4u) * 4u;

// Result u (four values) of this head of keys, of the parts of all splits.
vec4 combined(uint64_t all, uint used, uint u) {
    uint h = u / VALUE4;
    vec4 s = vec4(0.0);
    float most = -3.402823466e38;
    float weight = 0.0;
    const uint ATONCE = 8u;
    for (uint i0 = 0u; i0 < used; i0 += ATONCE) {
        vec4 x[ATONCE];
        vec2 of[ATONCE];
        [[unroll]] for (uint n = 0u; n < ATONCE; n++) {
            uint64_t other = all + min(i0 + n, used - 1u) * PART_BYTES;
            of[n] = Shared2(other + h * 16u).at[0];
            x[n] = Shared4(other + GROUP * 16u).at[u];
        }
        float before = most;
        [[unroll]] for (uint n = 0u; n < ATONCE; n++) {
            most = max(most, of[n].x);
        }
        float shrink = expOfNegative(before - most);
        s *= shrink;
        weight *= shrink;
        [[unroll]] for (uint n = 0u; n < ATONCE; n++) {
            float grow = i0 + n < used ? expOfNegative(of[n].x - most) : 0.0;
            s += x[n] * grow;
            weight += of[n].y * grow;
        }
    }
    return s / weight;
}

// Quantizes the results in `sums`.
void storeResults(uint lane, uint kvHead) {
    uint columns = gl_NumWorkGroups.x * GROUP * VALUE;
    for (uint i = lane; i < GROUP * VALUE; i += LANES) {
        float near[16];
        [[unroll]] for (uint n = 0u; n < 16u; n++) {
            near[n] = sums[i / 16u * 4u + n / 4u][n % 4u];
        }
        store(to, columns, kvHead * GROUP * VALUE + i, near, 0.0);
    }
}

void main() {
    uint kvHead = gl_WorkGroupID.x;
    uint split = gl_WorkGroupID.y;
    uint width = subgroupWidth();
    uint lane = gl_SubgroupID * width + gl_SubgroupInvocationID;
    uint newest = Words(positions).at[0];
    Addresses blocks = Addresses(Addresses(caches).at[0]);
    float asked[QUERY_LOADS];
    [[unroll]] for (uint n = 0u; n < QUERY_LOADS; n++) {
        uint i = min(lane + n * LANES, GROUP * KEY - 1u);
        asked[n] = rotated(Floats(q + uint64_t(kvHead * GROUP + i / KEY) * KEY * 4ul), i % KEY);
    }
    uint count = newest + 1u;
    uint length_ = max(FEWEST, (count + gl_NumWorkGroups.y - 1u) / gl_NumWorkGroups.y);
    uint used = (count + length_ - 1u) / length_;
    if (split >= used) {
        return;
    }
    uint begin = split * length_;
    uint end = min(count, begin + length_);
    uint keyBytes = uint(bytesOf(KEY));
    uint valueBytes = uint(bytesOf(VALUE));
    [[unroll]] for (uint n = 0u; n < QUERY_LOADS; n++) {
        uint i = lane + n * LANES;
        if (i < GROUP * KEY) {
            query[i / 4u][i % 4u] = asked[n] * scale;
        }
    }
    if (end == count) {
        append(lane, kvHead, newest, blocks.at[newest / POSITIONS]);
    }

    uint slots = CHUNK / width;
    uint team = lane / CHUNK;
    uint p = lane % CHUNK;
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
        uint64_t block = blocks.at[first / POSITIONS];
        uint64_t keys = block + keyOffset + uint64_t(kvHead * POSITIONS + first % POSITIONS) * keyBytes;
        uint64_t values = block + valueOffset + uint64_t(kvHead * POSITIONS + first % POSITIONS) * valueBytes;
        bool mine = p < here;
        bool isNew = first + p == newest;
        // Of the newest position the cache may not show what this workgroup stored; it is read and not used.
        uvec4 key[KEY_LOADS];
        Words4 keyRow = Words4(keys + min(p, here - 1u) * keyBytes);
        [[unroll]] for (uint i = 0u; i < KEY_LOADS; i++) {
            key[i] = keyRow.at[i];
        }
        uvec4 ahead[AHEAD];
        [[unroll]] for (uint n = 0u; n < AHEAD; n++) {
            ahead[n] = fourOf(values + min(share + n * SHARES, here - 1u) * valueBytes, unit % VALUE4);
        }
        if (first == begin) {
            barrier(); // query, newKey, newValue
        }
        float score[HEADS];
        multiplyKey(key, isNew, team, score);
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = j * TEAMS + team;
            float most = subgroupMax(mine ? score[j] : -3.402823466e38);
            if (h < GROUP && subgroupElect()) {
                subgroupFloats[slotOf(h, lane, width)] = most;
            }
        }
        barrier();
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = j * TEAMS + team;
            if (h < GROUP) {
                float before = largest[j];
                largest[j] = max(before, mostOf(h, slots));
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
                    for (uint i0 = share; i0 < here; i0 += AHEAD * SHARES) {
                        uvec4 x[AHEAD];
                        if (i0 == share && j == 0u) {
                            x = ahead;
                        } else {
                            [[unroll]] for (uint n = 0u; n < AHEAD; n++) {
                                x[n] = fourOf(values + min(i0 + n * SHARES, here - 1u) * valueBytes, v4);
                            }
                        }
                        [[unroll]] for (uint n = 0u; n < AHEAD; n++) {
                            uint i = i0 + n * SHARES;
                            vec4 y = first + i == newest ? newValue[v4] : floatsOf(x[n]);
                            s += i < here ? weights[h * CHUNK + i] * y : vec4(0.0);
                        }
                    }
                    sum[j] = s;
                }
            }
        }
        first += here;
        // What follows overwrites `subgroupFloats`, which all have read before the barrier above, and, behind a barrier, the rest.
    }

    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = j * TEAMS + team;
        float all = subgroupAdd(total[j]);
        if (h < GROUP && subgroupElect()) {
            subgroupFloats[slotOf(h, lane, width)] = all;
        }
    }
    [[unroll]] for (uint j = 0u; j < ROUNDS; j++) {
        sums[j * LANES + lane] = sum[j];
    }
    barrier();
    uint64_t all = parts + uint64_t(kvHead * gl_NumWorkGroups.y) * PART_BYTES;
    uint64_t own = all + split * PART_BYTES;
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = j * TEAMS + team;
        if (h < GROUP && p == 0u) {
            Shared2(own + h * 16u).at[0] = vec2(largest[j], sumOf(h, slots));
        }
    }
    for (uint u = lane; u < UNITS; u += LANES) {
        vec4 s = sums[u];
        for (uint i = 1u; i < SHARES; i++) {
            s += sums[u + i * UNITS];
        }
        Shared4(own + GROUP * 16u).at[u] = s;
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
    for (uint u = lane; u < UNITS; u += LANES) {
        sums[u] = combined(all, used, u);
    }
    barrier();
    storeResults(lane, kvHead);
}
