#version 460
// out[t,h] = Σ_p softmax_p(scale · q[t,h] · key[p,h / group]) · value[p,h / group], p ≤ positions[t]. Groups: x = heads, y = T.
//
// One workgroup a head and token walks over the positions in chunks of 128, half a block: a score for each invocation,
// then the sums of four values each over a share of the chunk. What was summed before
// shrinks when a larger score comes (online softmax: Milakov & Gimelshein 2018, arXiv:1805.02867). Positions behind the
// token's own are never read. Keys have up to 1024 values, values up to 512.
#extension GL_GOOGLE_include_directive : require
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
shared float weights[CHUNK];
shared vec4 parts[GROUP];

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

void main() {
    uint h = gl_WorkGroupID.x;
    uint t = gl_WorkGroupID.y;
    uint lane = gl_LocalInvocationIndex;
    uint kvHead = h / (heads / kvHeads);
    uint count = Words(positions).at[t] + 1u;
    uint keyBytes = uint(bytesOf(keyLength));
    uint valueBytes = uint(bytesOf(valueLength));

    Floats asked = Floats(rowOf(q, t * heads + h, keyLength));
    for (uint i = lane; i < runsOf(keyLength) * 4u; i += GROUP) {
        vec4 a = vec4(0.0);
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            if (i * 4u + k < keyLength) {
                a[k] = asked.at[i * 4u + k];
            }
        }
        query[i] = a;
    }
    barrier();

    uint fours = (valueLength + 3u) / 4u;
    uint shares = GROUP / fours; // invocations beyond shares · fours have no values to sum
    uint share = lane / fours;
    uint v = lane % fours * 4u;
    float largest = -3.402823466e38;
    float total = 0.0; // of this invocation's positions
    vec4 sum = vec4(0.0); // over this invocation's share
    for (uint first = 0u; first < count; first += CHUNK) {
        uint here = min(count - first, CHUNK);
        float score = -3.402823466e38;
        if (lane < here) {
            uint64_t key = cached(caches, t, first + lane, keyOffset, kvHead, keyBytes);
            vec4 products = vec4(0.0);
            for (uint run = 0u; run < runsOf(keyLength); run++) {
                vec4 w[4];
                decode(key, run, keyLength, w);
                [[unroll]] for (uint k = 0u; k < 4u; k++) {
                    products += w[k] * query[run * 4u + k];
                }
            }
            score = (products.x + products.y + (products.z + products.w)) * scale;
        }
        float before = largest;
        largest = max(largest, groupMax(score));
        float shrink = expOfNegative(before - largest);
        float p = lane < here ? expOfNegative(score - largest) : 0.0;
        total = total * shrink + p;
        weights[lane] = p;
        barrier();
        sum *= shrink;
        if (share < shares) {
            uint64_t values = cached(caches, t, first, valueOffset, kvHead, valueBytes);
            for (uint i = share; i < here; i += shares) {
                sum += weights[i] * four(values + i * valueBytes, v);
            }
        }
        // The next chunk's weights are written behind the barriers of its groupMax, when all have passed here.
    }
    total = groupSum(total);
    parts[lane] = sum;
    barrier();
    if (share == 0u) {
        for (uint i = 1u; i < shares; i++) {
            sum += parts[i * fours + lane];
        }
        Floats dst = Floats(rowOf(out_, t * heads + h, valueLength));
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            if (v + k < valueLength) {
                dst.at[v + k] = sum[k] / total;
            }
        }
    }
}
