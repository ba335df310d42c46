#version 460
// out[t,h] = Σ_p softmax_p(scale · q[t,h] · key[p,h / group]) · value[p,h / group], p ≤ positions[t]. Groups: x = heads, y = T.
//
// One workgroup a head and token walks over the positions in chunks of 128, half a block. Keys: up to eight neighbouring
// invocations share one, so that they read neighbouring bytes. Values: each invocation sums four of a row over its share
// of the chunk. What was summed before shrinks when a larger score comes (online softmax: Milakov & Gimelshein 2018,
// arXiv:1805.02867). Positions behind the token's own are never read. Keys have up to 1024 values, values up to 512.
#extension GL_GOOGLE_include_directive : require
#define EXACT_HALVES 1
#include "formats.glsl"
#include "caches.glsl"
#include "exp.glsl"

layout(local_size_x = 128) in;

#include "group.glsl"

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t q;
    uint64_t caches;
    uint64_t positions;
    uint64_t keyOffset;
    uint64_t valueOffset;
    uint heads;
    uint kvHeads;
    uint keyLength;
    uint valueLength;
    float scale;
};

const uint CHUNK = GROUP;

shared vec4 query[256]; // zeros behind its end
shared float products[CHUNK * 8u];
shared float weights[CHUNK];
shared vec4 sums[GROUP];

// Values v to v + 3 of a row of the cache; zeros behind its end.
vec4 four(uint64_t row, uint v) {
    if (FORMAT == Q8_0) {
        uint64_t block = row + (v / 32u) * 34u;
        uint64_t codes = block + 2ul + v % 32u;
        return fromHalf(load2(block)) * signedBytes(load2(codes) | load2(codes + 2ul) << 16);
    } else if ((valueLength & 3u) == 0u) {
        if (FORMAT == F32) {
            return Floats4(row).at[v / 4u];
        }
        Words w = Words(row);
        return vec4(fromHalves(w.at[v / 2u]), fromHalves(w.at[v / 2u + 1u]));
    }
    return vec4(weight(row, v, valueLength), weight(row, v + 1u, valueLength),
            weight(row, v + 2u, valueLength), weight(row, v + 3u, valueLength));
}

// What runs `part`, `part + parts` … of a key contribute to its product with the query.
float product(uint64_t key, uint part, uint parts) {
    vec4 sum = vec4(0.0);
    for (uint run = part; run < runsOf(keyLength); run += parts) {
        vec4 w[4];
        decode(key, run, keyLength, w);
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            sum += w[k] * query[run * 4u + k];
        }
    }
    return sum.x + sum.y + (sum.z + sum.w);
}

void main() {
    uint h = gl_WorkGroupID.x;
    uint t = gl_WorkGroupID.y;
    uint lane = gl_LocalInvocationIndex;
    uint kvHead = h / (heads / kvHeads);
    uint count = Words(positions).at[t] + 1u;
    uint keyBytes = uint(bytesOf(keyLength));
    uint valueBytes = uint(bytesOf(valueLength));

    Floats asked = Floats(rowOf(q, t * heads + h, keyLength));
    for (uint i = lane; i < runsOf(keyLength) * 16u; i += GROUP) {
        query[i / 4u][i % 4u] = i < keyLength ? asked.at[i] : 0.0;
    }
    barrier();

    // Invocation l brings part l % parts of key l / parts, of the first, second … `stride` keys of a chunk.
    uint runs = runsOf(keyLength);
    uint parts = runs >= 8u ? 8u : runs >= 4u ? 4u : runs >= 2u ? 2u : 1u;
    uint stride = CHUNK / parts;
    // The invocations of share s sum values v to v + 3 of positions s, s + shares …; some may be left without any.
    uint fours = (valueLength + 3u) / 4u;
    uint shares = GROUP / fours;
    uint share = lane / fours;
    uint v = lane % fours * 4u;

    float largest = -3.402823466e38;
    float total = 0.0; // of the weights of this invocation's positions
    vec4 sum = vec4(0.0);
    for (uint first = 0u; first < count; first += CHUNK) {
        uint here = min(count - first, CHUNK);
        uint64_t keys = cached(caches, t, first, keyOffset, kvHead, keyBytes);
        uint64_t values = cached(caches, t, first, valueOffset, kvHead, valueBytes);
        for (uint i = 0u; i < parts; i++) {
            uint p = i * stride + lane / parts;
            if (p < here) {
                products[i * CHUNK + lane] = product(keys + p * keyBytes, lane % parts, parts);
            }
        }
        barrier();
        float score = -3.402823466e38;
        if (lane < here) {
            score = products[lane * parts];
            for (uint i = 1u; i < parts; i++) {
                score += products[lane * parts + i];
            }
            score *= scale;
        }
        float before = largest;
        largest = max(largest, groupMax(score));
        float shrink = expOfNegative(before - largest);
        float mine = lane < here ? expOfNegative(score - largest) : 0.0;
        total = total * shrink + mine;
        weights[lane] = mine;
        barrier();
        sum *= shrink;
        if (share < shares) {
            uint i = share;
            for (; i + 3u * shares < here; i += 4u * shares) { // four loads on their way at a time
                vec4 a = four(values + i * valueBytes, v);
                vec4 b = four(values + (i + shares) * valueBytes, v);
                vec4 c = four(values + (i + 2u * shares) * valueBytes, v);
                vec4 d = four(values + (i + 3u * shares) * valueBytes, v);
                sum += weights[i] * a;
                sum += weights[i + shares] * b;
                sum += weights[i + 2u * shares] * c;
                sum += weights[i + 3u * shares] * d;
            }
            for (; i < here; i += shares) {
                sum += weights[i] * four(values + i * valueBytes, v);
            }
        }
        // What follows overwrites `products` and, behind the barriers of groupMax, `weights`: all have read the former before
        // groupMax's barriers here, and the latter when they come to those of the next chunk.
    }
    total = groupSum(total);
    sums[lane] = sum;
    barrier();
    if (share == 0u) {
        for (uint i = 1u; i < shares; i++) {
            sum += sums[i * fours + lane];
        }
        Floats dst = Floats(rowOf(out_, t * heads + h, valueLength));
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            if (v + k < valueLength) {
                dst.at[v + k] = sum[k] / total;
            }
        }
    }
}
