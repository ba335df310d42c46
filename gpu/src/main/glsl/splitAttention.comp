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
layout(constant_id = 6) const uint CHUNK = 64; // positions at a time, whole subgroups of them: 32 or 64

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
const uint TEAMS = LANES / CHUNK; // each of them takes every eighth head, or every fourth where CHUNK is 64
const uint HEADS = (GROUP + TEAMS - 1u) / TEAMS;
const uint KEY4 = KEY / 4u;
const uint VALUE4 = VALUE / 4u;
const uint UNITS = GROUP * VALUE4; // results, by four
const uint SHARES = UNITS < LANES ? LANES / UNITS : 1u;
const uint ROUNDS = (UNITS + LANES - 1u) / LANES;
const uint MOST_SPLITS = 32u;
const uint ATONCE = 8u; // splits that are combined at once
const uint AHEAD = 8u; // rows of values that are asked for at once
const uint KEY_LOADS = FORMAT == F16 ? KEY / 8u : KEY / 4u; // of sixteen bytes
const uint QUERY_LOADS = (GROUP * KEY + LANES - 1u) / LANES;

shared vec4 query[GROUP * KEY4];
shared uvec4 newKey[KEY4]; // as it lies in the cache, which is half as much in F16
shared vec4 newValue[VALUE4];
shared float weights[GROUP * CHUNK];
shared float subgroupFloats[GROUP * 16u];
shared float shrinks[GROUP];
shared vec2 left[GROUP * MOST_SPLITS]; // a head's largest score and sum of weights, of each split
shared float grows[GROUP * MOST_SPLITS];
shared uvec4 largestFours[LANES / 4u];
shared ivec4 sumsOfFours[LANES / 4u];
shared vec4 sums[LANES * ROUNDS];
shared uint last;

// As the cache gives it back.
float stored(float x) {
    return FORMAT == F16 ? fromHalf(toHalf(x)) : x;
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
    for (uint i = lane; i < (KEY + VALUE) / 2u; i += LANES) {
        bool isKey = i < KEY / 2u;
        uint at = isKey ? 2u * i : 2u * i - KEY;
        vec2 x = isKey ? vec2(rotated(key, at), rotated(key, at + 1u)) : vec2(value.at[at], value.at[at + 1u]);
        uint64_t dst = block + (isKey ? keyOffset + row * bytesOf(KEY) : valueOffset + row * bytesOf(VALUE));
        uint halves = toHalf(x.x) | toHalf(x.y) << 16;
        if (FORMAT == F16) {
            Words(dst).at[at / 2u] = halves;
        } else {
            Pairs(dst).at[at / 2u] = x;
        }
        if (!isKey) {
            vec2 y = FORMAT == F16 ? fromHalves(halves) : x;
            newValue[at / 4u][at % 4u] = y.x;
            newValue[at / 4u][at % 4u + 1u] = y.y;
        } else if (FORMAT == F16) {
            newKey[at / 8u][at / 2u % 4u] = halves;
        } else {
            newKey[at / 4u][at % 4u] = floatBitsToUint(x.x);
            newKey[at / 4u][at % 4u + 1u] = floatBitsToUint(x.y);
        }
    }
}

// A team's lanes are whole subgroups, each of which leaves a number for a head here.
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

// The products of a position's key with the queries of this lane's team.
void multiplyKey(uvec4 key[KEY_LOADS], bool isNew, uint team, out float score[HEADS]) {
    vec4 sum[HEADS];
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        sum[j] = vec4(0.0);
    }
    [[unroll]] for (uint i = 0u; i < KEY_LOADS; i++) {
        uvec4 k = isNew ? newKey[i] : key[i];
        vec4 k0 = FORMAT == F16 ? vec4(fromHalves(k.x), fromHalves(k.y)) : uintBitsToFloat(k);
        vec4 k1 = FORMAT == F16 ? vec4(fromHalves(k.z), fromHalves(k.w)) : vec4(0.0);
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = min(j * TEAMS + team, GROUP - 1u);
            if (FORMAT == F16) {
                sum[j] += k0 * query[h * KEY4 + 2u * i] + k1 * query[h * KEY4 + 2u * i + 1u];
            } else {
                sum[j] += k0 * query[h * KEY4 + i];
            }
        }
    }
    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        score[j] = (sum[j].x + sum[j].y) + (sum[j].z + sum[j].w);
    }
}

// What this split leaves: for each head its largest score and sum of weights, then the sums of values, by four.
const uint PART_BYTES = GROUP * (VALUE + 4u) * 4u;

vec4 partOf(uint64_t all, uint split, uint u) {
    return Shared4(all + split * PART_BYTES + GROUP * 16u).at[u];
}

// Quantizes what the splits have together.
void combine(uint lane, uint kvHead, uint64_t all, uint used) {
    vec4 ahead[ATONCE];
    [[unroll]] for (uint n = 0u; n < ATONCE; n++) {
        ahead[n] = partOf(all, min(n, used - 1u), min(lane, UNITS - 1u));
    }
    for (uint i = lane; i < GROUP * used; i += LANES) {
        left[i % GROUP * MOST_SPLITS + i / GROUP] = Shared2(all + i / GROUP * PART_BYTES + i % GROUP * 16u).at[0];
    }
    barrier();
    for (uint i = lane; i < GROUP * used; i += LANES) {
        uint h = i % GROUP * MOST_SPLITS;
        float most = left[h].x;
        for (uint n = 1u; n < used; n++) {
            most = max(most, left[h + n].x);
        }
        grows[h + i / GROUP] = expOfNegative(left[h + i / GROUP].x - most);
    }
    barrier();
    uint columns = gl_NumWorkGroups.x * GROUP * VALUE;
    for (uint u0 = 0u; u0 < UNITS; u0 += LANES) {
        uint u = min(u0 + lane, UNITS - 1u);
        uint h = u / VALUE4 * MOST_SPLITS;
        vec4 s = vec4(0.0);
        float weight = 0.0;
        for (uint n0 = 0u; n0 < used; n0 += ATONCE) {
            [[unroll]] for (uint n = 0u; n < ATONCE; n++) {
                if (n0 + n < used) {
                    vec4 x = u0 == 0u && n0 == 0u ? ahead[n] : partOf(all, n0 + n, u);
                    s += x * grows[h + n0 + n];
                    weight += left[h + n0 + n].y * grows[h + n0 + n];
                }
            }
        }
        s /= weight;
        bool mine = u0 + lane < UNITS;
        largestFours[lane / 4u][lane % 4u] = largestOf(s);
        barrier();
        uvec4 of = largestFours[lane / 4u];
        uint largest = max(max(of.x, of.y), max(of.z, of.w));
        uint i = kvHead * GROUP * VALUE + u * 4u;
        if (mine) {
            sumsOfFours[lane / 4u][lane % 4u] = storeFour(to, columns, i, s, largest);
        }
        barrier();
        if (mine && u % 4u == 0u) {
            ivec4 sum = sumsOfFours[lane / 4u];
            storeScale(to, columns, i / 16u, largest, (sum.x + sum.y) + (sum.z + sum.w), 0.0);
        }
    }
}

void main() {
    uint kvHead = gl_WorkGroupID.x;
    uint split = gl_WorkGroupID.y;
    uint newest = Words(positions).at[0];
    Addresses blocks = Addresses(Addresses(caches).at[0]);
    uint width = subgroupWidth();
    uint lane = gl_SubgroupID * width + gl_SubgroupInvocationID;
    uint slots = CHUNK / width;
    uint team = lane / CHUNK;
    uint p = lane % CHUNK;
    uint unit = lane % UNITS;
    uint share = lane / UNITS;
    uint keyBytes = uint(bytesOf(KEY));
    uint valueBytes = uint(bytesOf(VALUE));
    // Splits are 16, 32, 64, … positions: at most ATONCE until they are 64, then as many as there are workgroups. No division: those take
    // longer than what is divided.
    int bits = findMSB(newest) + 1;
    uint shift = uint(max(max(4, bits - findMSB(gl_NumWorkGroups.y)), min(6, bits - findMSB(ATONCE))));
    uint used = (newest >> shift) + 1u;
    if (split >= used) {
        return;
    }
    uint begin = split << shift;
    uint end = min(newest + 1u, begin + (1u << shift));
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
        if (first == begin) { // while these are on their way
            [[unroll]] for (uint n = 0u; n < QUERY_LOADS; n++) {
                uint i = lane + n * LANES;
                if (i < GROUP * KEY) {
                    float asked = rotated(Floats(q + uint64_t(kvHead * GROUP + i / KEY) * KEY * 4ul), i % KEY);
                    query[i / 4u][i % 4u] = asked * scale;
                }
            }
            if (end == newest + 1u) {
                append(lane, kvHead, newest, blocks.at[newest / POSITIONS]);
            }
        }
        barrier(); // query, newKey, newValue; what the chunk before left is read
        float score[HEADS];
        multiplyKey(key, isNew, team, score);
        float most[HEADS];
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            most[j] = mostOver(mine ? score[j] : -3.402823466e38, width);
        }
        if (slots > 1u) {
            [[unroll]] for (uint j = 0u; j < HEADS; j++) {
                uint h = j * TEAMS + team;
                if (h < GROUP && gl_SubgroupInvocationID == 0u) {
                    subgroupFloats[slotOf(h, lane, width)] = most[j];
                }
            }
            barrier();
            [[unroll]] for (uint j = 0u; j < HEADS; j++) {
                most[j] = mostOf(min(j * TEAMS + team, GROUP - 1u), slots);
            }
        }
        [[unroll]] for (uint j = 0u; j < HEADS; j++) {
            uint h = j * TEAMS + team;
            if (h < GROUP) {
                float before = largest[j];
                largest[j] = max(before, most[j]);
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
    }

    [[unroll]] for (uint j = 0u; j < HEADS; j++) {
        uint h = j * TEAMS + team;
        float all = sumOver(total[j], width);
        if (h < GROUP && gl_SubgroupInvocationID == 0u) {
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
    combine(lane, kvHead, all, used);
}
