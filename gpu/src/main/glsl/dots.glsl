// Sixteen rows of a matrix, or of two, a few times, times a quantized vector, by dot products of packed bytes: what one workgroup makes.
//
// A subgroup takes a part of the columns, as wide as it is: an invocation keeps what it multiplies of the vector, rows stream past it,
// and the next row is on its way while one is multiplied. Rows are REPACKED.
#define EXACT_HALVES 6
#include "formats.glsl"
#include "quantized.glsl"
#include "subgroups.glsl"
#extension GL_EXT_integer_dot_product : require

layout(local_size_x_id = 2) in;

layout(constant_id = 3) const uint MATRICES = 1; // or 2: sixteen rows of each
layout(constant_id = 4) const bool NORMED = false;
layout(constant_id = 5) const uint COLUMNS = 256; // of the matrix; a constant, for the addresses' sake

layout(constant_id = 7) const uint GROUPS = 1; // of sixteen rows, one after the other, so that a row is always on its way
layout(constant_id = 8) const uint MOST_PARTS = 16; // of a row; a subgroup multiplies each

const uint GROUP_ROWS = 16u;
const uint OUT_ROWS = GROUPS * GROUP_ROWS;
const uint ALL_ROWS = MATRICES * OUT_ROWS;
const uint MOST_SUBGROUPS = 256u;
const uint KEPT = 2u; // most pieces of a row that an invocation has at once

shared float partials[MOST_PARTS * ALL_ROWS];
shared float squareSums[MOST_SUBGROUPS];
shared vec4 made[OUT_ROWS / 4u];
shared vec4 madeSquares[OUT_ROWS / 4u];
shared ivec4 madeSums[GROUPS];

// A piece of a row as it lies in memory.
struct Piece {
    uvec4 a0;
    uvec4 a1;
    uvec4 b0;
    uvec4 b1;
    uvec4 header;
    uint scales;
    uint d;
    Run runs[2]; // of the formats in codes.glsl
};

// The vector's part that a piece multiplies: blocks of sixteen values.
struct Blocks {
    uvec4 high[4];
    uvec4 low[4];
    vec4 scales[2];
};

bool wide(uint format) {
    return format == Q4_K || format == Q5_K || format == Q6_K;
}

// A piece has 64 values of the formats with blocks of 256, else 32.
uint piecesIn(uint format, uint columns) {
    return wide(format) ? columns / 64u : columns / 32u;
}

// How many pieces of a row an invocation takes at once: what it keeps of the vector is 64 values.
uint keptOf(uint format) {
    return wide(format) ? 1u : 2u;
}

// How many subgroups share a row, of `width` invocations each.
uint partsOf(uint format, uint width) {
    uint span = width * keptOf(format);
    return min((piecesIn(format, COLUMNS) + span - 1u) / span, min(gl_NumSubgroups, MOST_PARTS));
}

Piece load(uint format, uint64_t row, uint i) {
    const uint columns = COLUMNS;
    Piece p;
    if (coded(format)) {
        for (uint m = 0u; m < 2u; m++) { // unrolled by the driver, which knows the format
            p.runs[m] = loadCoded(format, row, 2u * i + m);
        }
    } else if (format == Q8_0) {
        Words4 codes = Words4(row);
        p.a0 = codes.at[2u * i];
        p.a1 = codes.at[2u * i + 1u];
        p.d = load2(row + columns + 2u * i);
    } else if (format == Q4_0) {
        p.a0 = Words4(row).at[i];
        p.d = load2(row + columns / 2u + 2u * i);
    } else if (format == Q4_K) {
        Words4 block = Words4(row + (i >> 2) * 144u);
        p.header = block.at[0];
        p.a0 = block.at[1u + (i & 3u) * 2u];
        p.a1 = block.at[2u + (i & 3u) * 2u];
    } else if (format == Q5_K) {
        Words4 block = Words4(row + (i >> 2) * 176u);
        p.header = block.at[0];
        p.b0 = block.at[1];
        p.b1 = block.at[2];
        p.a0 = block.at[3u + (i & 3u) * 2u];
        p.a1 = block.at[4u + (i & 3u) * 2u];
    } else { // Q6_K
        Words4 low = Words4(row);
        Words4 high = Words4(row + columns / 2u);
        p.a0 = low.at[2u * i];
        p.a1 = low.at[2u * i + 1u];
        p.b0 = high.at[2u * (i >> 1)];
        p.b1 = high.at[2u * (i >> 1) + 1u];
        uint64_t scales = row + columns / 4u * 3u + (i >> 1) * 8u + (i & 1u) * 2u;
        p.scales = load2(scales) | load2(scales + 4ul) << 16;
        p.d = load2(row + columns / 16u * 13u + (i >> 2) * 2u);
    }
    return p;
}

Blocks blocks(uint format, uint64_t x, uint i) {
    const uint columns = COLUMNS;
    Blocks b;
    uint pieces = piecesOf(columns);
    Words4 planes = Words4(x);
    Floats4 scales = Floats4(scalesOf(x, columns));
    if (!wide(format)) {
        uint plane = (i & 1u) * 4u;
        [[unroll]] for (uint m = 0u; m < 2u; m++) {
            b.high[m] = planes.at[(plane + 2u * m) * pieces + (i >> 1)];
            b.low[m] = planes.at[(plane + 2u * m + 1u) * pieces + (i >> 1)];
        }
        b.scales[0] = scales.at[i];
    } else if (format == Q6_K) {
        // Bits of the low half of a byte belong to the first 64 of 128 values, the others to the second.
        uint first = (i >> 1) * 2u;
        uint plane = (i & 1u) * 4u;
        [[unroll]] for (uint m = 0u; m < 4u; m++) {
            uint at = plane + (m & 1u) * 2u;
            b.high[m] = planes.at[at * pieces + first + (m >> 1)];
            b.low[m] = planes.at[(at + 1u) * pieces + first + (m >> 1)];
        }
        b.scales[0] = scales.at[first * 2u + (i & 1u)];
        b.scales[1] = scales.at[first * 2u + 2u + (i & 1u)];
    } else {
        [[unroll]] for (uint m = 0u; m < 4u; m++) {
            b.high[m] = planes.at[2u * m * pieces + i];
            b.low[m] = planes.at[(2u * m + 1u) * pieces + i];
        }
        b.scales[0] = scales.at[2u * i];
        b.scales[1] = scales.at[2u * i + 1u];
    }
    return b;
}

// Σ q · code over a block; all sums are exact.
float dotOf(uvec4 q, uvec4 high, uvec4 low) {
    int h = dotPacked4x8EXT(int(q.x), int(high.x)) + dotPacked4x8EXT(int(q.y), int(high.y))
            + dotPacked4x8EXT(int(q.z), int(high.z)) + dotPacked4x8EXT(int(q.w), int(high.w));
    int l = dotPacked4x8EXT(int(q.x), int(low.x)) + dotPacked4x8EXT(int(q.y), int(low.y))
            + dotPacked4x8EXT(int(q.z), int(low.z)) + dotPacked4x8EXT(int(q.w), int(low.w));
    return float(h * 256 + l);
}

// What a block of the vector is multiplied with: scale, scale · Σ codes.
vec2 scaleOf(Blocks b, uint m) {
    return (m & 1u) == 0u ? b.scales[m >> 1].xy : b.scales[m >> 1].zw;
}

// Σ code · value over a block.
float dotOf(uvec4 q, Blocks b, uint m) {
    return scaleOf(b, m).x * dotOf(q, b.high[m], b.low[m]);
}

float multiply(uint format, Piece p, Blocks b, uint i) {
    const uvec4 nibbles = uvec4(0x0F0F0F0Fu);
    // The upper half of a byte where it is: 16 · (code - 8), as a signed byte.
    const uvec4 upper = uvec4(0xF0F0F0F0u);
    const uvec4 signs = uvec4(0x80808080u);
    if (coded(format)) {
        float sum = 0.0;
        for (uint m = 0u; m < 2u; m++) {
            uvec4 q;
            float scale;
            float minimum;
            codesOf(format, p.runs[m], 2u * i + m, q, scale, minimum);
            vec2 s = m == 0u ? b.scales[0].xy : b.scales[0].zw;
            sum += scale * (s.x * dotOf(q, b.high[m], b.low[m])) - minimum * s.y;
        }
        return sum;
    } else if (format == Q8_0) {
        float d = fromHalves(p.d).x;
        return d * (dotOf(p.a0, b, 0u) + dotOf(p.a1, b, 1u));
    } else if (format == Q4_0) {
        float d = fromHalves(p.d).x;
        return d * (dotOf(p.a0 & nibbles, b, 0u) + 0.0625 * dotOf(p.a0 & upper ^ signs, b, 1u) - 8.0 * scaleOf(b, 0u).y);
    } else if (format == Q6_K) {
        float d = fromHalves(p.d).x;
        uint shift = (i & 1u) * 2u;
        vec4 s = signedBytes(p.scales);
        const uvec4 pairs = uvec4(0x30303030u);
        uint up = 4u - shift;
        return d * (s.x * (dotOf(p.a0 & nibbles | p.b0 << up & pairs, b, 0u) - 32.0 * scaleOf(b, 0u).y)
                + s.y * (dotOf(p.a1 & nibbles | p.b1 << up & pairs, b, 1u) - 32.0 * scaleOf(b, 1u).y)
                + s.z * (dotOf(p.a0 >> 4 & nibbles | p.b0 >> shift & pairs, b, 2u) - 32.0 * scaleOf(b, 2u).y)
                + s.w * (dotOf(p.a1 >> 4 & nibbles | p.b1 >> shift & pairs, b, 3u) - 32.0 * scaleOf(b, 3u).y));
    }
    // Two scales and two minima at once: those of sub-blocks 2j and 2j + 1.
    uint j = i & 3u;
    uint shift = (j & 1u) * 16u;
    uint a = p.header.y >> shift;
    uint m = p.header.z >> shift;
    uint c = p.header.w >> shift;
    uint scales = j < 2u ? a & 0x3F3Fu : c & 0x0F0Fu | (a & 0xC0C0u) >> 2;
    uint minima = j < 2u ? m & 0x3F3Fu : c >> 4 & 0x0F0Fu | (m & 0xC0C0u) >> 2;
    vec2 d = fromHalves(p.header.x);
    vec2 s = vec2(scales & 0xFFu, scales >> 8);
    vec2 o = vec2(minima & 0xFFu, minima >> 8);
    float sum0 = scaleOf(b, 0u).y + scaleOf(b, 1u).y;
    float sum1 = scaleOf(b, 2u).y + scaleOf(b, 3u).y;
    float dot0;
    float dot1;
    if (format == Q4_K) {
        dot0 = dotOf(p.a0 & nibbles, b, 0u) + dotOf(p.a1 & nibbles, b, 1u);
        dot1 = 0.0625 * (dotOf(p.a0 & upper ^ signs, b, 2u) + dotOf(p.a1 & upper ^ signs, b, 3u)) + 8.0 * sum1;
    } else {
        const uvec4 ones = uvec4(0x01010101u);
        dot0 = dotOf(p.a0 & nibbles | (p.b0 >> 2u * j & ones) << 4, b, 0u)
                + dotOf(p.a1 & nibbles | (p.b1 >> 2u * j & ones) << 4, b, 1u);
        dot1 = dotOf(p.a0 >> 4 & nibbles | (p.b0 >> 2u * j + 1u & ones) << 4, b, 2u)
                + dotOf(p.a1 >> 4 & nibbles | (p.b1 >> 2u * j + 1u & ones) << 4, b, 3u);
    }
    return d.x * (s.x * dot0 + s.y * dot1) - d.y * (o.x * sum0 + o.y * sum1);
}

// Row `r` of the workgroup's: OUT_ROWS of w from `first` on, those behind `rows` the last one, then the same ones of `other`.
uint64_t rowAt(uint64_t w, uint64_t other, uint r, uint first, uint rows, uint64_t pitch) {
    bool one = MATRICES == 1u || r < OUT_ROWS;
    return (one ? w : other) + min(first + (one ? r : r - OUT_ROWS), rows - 1u) * pitch;
}

// Leaves in `partials` what each part of the columns adds to the products of the workgroup's rows.
void multiplyGroup(uint format, uint64_t w, uint64_t other, uint first, uint rows, uint64_t x) {
    uint64_t pitch = pitchOf(format, COLUMNS, true);
    uint pieces = piecesIn(format, COLUMNS);
    uint width = subgroupWidth();
    uint parts = partsOf(format, width);
    uint down = gl_NumSubgroups / parts;
    uint part = gl_SubgroupID % parts;
    uint begin = gl_SubgroupID / parts;
    if (begin >= down) {
        return;
    }
    uint kept = keptOf(format);
    uint span = width * kept;
    for (uint i0 = part * span; i0 < pieces; i0 += parts * span) {
        uint i[KEPT];
        Blocks b[KEPT];
        Piece next[KEPT];
        uint64_t row = rowAt(w, other, begin, first, rows, pitch);
        [[unroll]] for (uint k = 0u; k < KEPT; k++) {
            i[k] = i0 + k * width + gl_SubgroupInvocationID;
            if (k < kept) {
                next[k] = load(format, row, min(i[k], pieces - 1u));
                b[k] = blocks(format, x, min(i[k], pieces - 1u));
            }
        }
        for (uint r = begin; r < ALL_ROWS; r += down) {
            Piece p[KEPT] = next;
            if (r + down < ALL_ROWS) {
                row = rowAt(w, other, r + down, first, rows, pitch);
                [[unroll]] for (uint k = 0u; k < KEPT; k++) {
                    if (k < kept) {
                        next[k] = load(format, row, min(i[k], pieces - 1u));
                    }
                }
            }
            float sum = 0.0;
            [[unroll]] for (uint k = 0u; k < KEPT; k++) {
                if (k < kept && i[k] < pieces) {
                    sum += multiply(format, p[k], b[k], i[k]);
                }
            }
            sum = sumOver(sum, width);
            if (gl_SubgroupInvocationID == 0u) {
                uint at = part * ALL_ROWS + r;
                partials[at] = i0 == part * span ? sum : partials[at] + sum;
            }
        }
    }
}

// The product of the workgroup's row `r`, behind a barrier.
float productOf(uint format, uint r, uint width) {
    uint parts = partsOf(format, width);
    float sum = partials[r];
    for (uint i = 1u; i < parts; i++) {
        sum += partials[i * ALL_ROWS + r];
    }
    return sum;
}

// This invocation's part of the squares that a norm needs.
float squaresHere(uint64_t x) {
    float sum = 0.0;
    if (NORMED) {
        for (uint i = gl_LocalInvocationIndex; i < COLUMNS / 16u; i += gl_WorkGroupSize.x) {
            sum += Floats(squaresOf(x, COLUMNS)).at[i];
        }
    }
    return sum;
}

// Adds them up; their sum is [normScale]'s after a barrier.
void collectSquares(float sum, uint width) {
    if (NORMED) {
        float all = sumOver(sum, width);
        if (gl_SubgroupInvocationID == 0u) {
            squareSums[gl_SubgroupID] = all;
        }
    }
}

// All invocations call.
float normScale(float epsilon, uint width) {
    if (!NORMED) {
        return 1.0;
    }
    float sum = 0.0;
    for (uint i = gl_SubgroupInvocationID; i < gl_NumSubgroups; i += width) {
        sum += squareSums[i];
    }
    sum = sumOver(sum, width);
    // Squares from 1.8e19 on are beyond f32. Their norm would be zeros, which nobody notices; NaN is an error that says where.
    return isinf(sum) ? uintBitsToFloat(0x7FC00000u) : 1.0 / sqrt(sum / float(COLUMNS) + epsilon);
}

// Puts the values of `made` into v, as rows from `first` on, as far as they are below n. All invocations call, behind a barrier.
void storeMade(uint64_t v, uint n, uint first) {
    uint four = gl_LocalInvocationIndex;
    uint group = four / 4u;
    bool mine = four < OUT_ROWS / 4u && first + group * GROUP_ROWS < n;
    uint largest = 0u;
    if (mine) {
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            largest = max(largest, largestOf(made[group * 4u + k]));
        }
        madeSums[group][four % 4u] = storeFour(v, n, first + four * 4u, made[four], largest);
    }
    barrier();
    if (mine && four % 4u == 0u) {
        vec4 squares = (madeSquares[four] + madeSquares[four + 1u]) + (madeSquares[four + 2u] + madeSquares[four + 3u]);
        ivec4 sums = madeSums[group];
        storeScale(v, n, first / 16u + group, largest, (sums.x + sums.y) + (sums.z + sums.w),
                (squares.x + squares.y) + (squares.z + squares.w));
    }
}
