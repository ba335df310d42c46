// The formats of weights (and of cached keys and values): sixteen consecutive weights of a row at a time.
//
// FORMAT is ggml's number of the format; what the others need is folded away. The layouts are drawn in
// dev.jinrai.format; a row is a whole number of blocks, except of F32, F16 and BF16, which have any number of columns.
//
// REPACKED rows of the formats whose blocks are not multiples of 16 bytes lie as `repack` leaves them: what the blocks have of each
// kind comes together, in their order, and a row begins at a multiple of 16 bytes, so that codes are read sixteen bytes at a time:
//   Q4_0  qs of all blocks, d of all blocks
//   Q8_0  qs, d
//   Q6_K  ql, qh, scales, d
//
// What codes.glsl has is decoded there, in a variant of each kernel (`#pragma variant CODED`) that takes all formats: it takes longer to
// compile than the others.
#include "memory.glsl"
#include "halves.glsl"

layout(constant_id = 0) const uint STORED = 0; // FORMAT, and 256 if REPACKED

const uint FORMAT = STORED & 0xFFu;
const bool REPACKED = STORED >= 256u;

const uint F32 = 0;
const uint F16 = 1;
const uint Q4_0 = 2;
const uint Q8_0 = 8;
const uint Q4_K = 12;
const uint Q5_K = 13;
const uint Q6_K = 14;
const uint BF16 = 30;

// Whether rows may end within a run of sixteen.
const bool RAGGED = FORMAT == F32 || FORMAT == F16 || FORMAT == BF16;

const uint BLOCK_BYTES = FORMAT == Q4_0 ? 18
        : FORMAT == Q8_0 ? 34
        : FORMAT == Q4_K ? 144
        : FORMAT == Q5_K ? 176
        : 210;

// What sixteen weights are made of, as it lies in memory: bringing it is one thing and decoding it another, so that what is
// needed later can be on its way.
struct Run {
    uvec4 header;
    uvec4 low;
    uvec4 high;
    uint scales;
    uint d;
};

#ifdef CODED
#include "codes.glsl"
#else
uint64_t codebooks;

bool coded(uint format) {
    return false;
}

bool lowered(uint format) {
    return false;
}

uint codedBlockLength(uint format) {
    return 1u;
}

uint codedBlockBytes(uint format) {
    return 1u;
}

Run loadCoded(uint format, uint64_t row, uint run) {
    Run v;
    return v;
}

void codesOf(uint format, Run v, uint run, out uvec4 q, out float scale, out float minimum) {
    q = uvec4(0u);
    scale = 0.0;
    minimum = 0.0;
}
#endif

// The bytes from a row to the next.
uint64_t pitchOf(uint format, uint columns, bool repacked) {
    if (coded(format)) {
        return uint64_t(columns / codedBlockLength(format)) * codedBlockBytes(format);
    } else if (format == F32) {
        return 4ul * columns;
    } else if (format == F16 || format == BF16) {
        return 2ul * columns;
    } else if (format == Q4_K) {
        return columns / 256u * 144ul;
    } else if (format == Q5_K) {
        return columns / 256u * 176ul;
    }
    uint64_t bytes = format == Q6_K ? columns / 256u * 210ul : columns / 32u * (format == Q4_0 ? 18ul : 34ul);
    return repacked ? bytes + 15ul & ~15ul : bytes;
}

uint64_t bytesOf(uint columns) {
    return pitchOf(FORMAT, columns, REPACKED);
}

uint runsOf(uint columns) {
    return (columns + 15u) / 16u;
}

vec4 unsignedBytes(uint v) {
    return vec4(v & 0xFFu, v >> 8 & 0xFFu, v >> 16 & 0xFFu, v >> 24);
}

vec4 signedBytes(uint v) {
    return vec4(int(v << 24) >> 24, int(v << 16) >> 24, int(v << 8) >> 24, int(v) >> 24);
}

// A scale (x) and a minimum (y) of Q4_K and Q5_K: number `sub` of the block whose first sixteen bytes are `header`.
vec2 scaleAndMin(uvec4 header, uint sub) {
    uint shift = (sub & 3u) * 8u;
    uint a = header.y >> shift & 0xFFu;
    uint b = header.z >> shift & 0xFFu;
    uint c = header.w >> shift & 0xFFu;
    uint scale = sub < 4u ? a & 63u : (c & 0xFu) | a >> 6 << 4;
    uint minimum = sub < 4u ? b & 63u : c >> 4 | b >> 6 << 4;
    return fromHalves(header.x) * vec2(scale, minimum);
}

// Column `c` of a row of F32, F16 or BF16, zero behind its end.
float weight(uint64_t row, uint c, uint columns) {
    if (c >= columns) {
        return 0.0;
    }
    if (FORMAT == F32) {
        return Floats(row).at[c];
    }
    uint bits = uint(Halves(row).at[c]);
    return FORMAT == F16 ? fromHalf(bits) : uintBitsToFloat(bits << 16);
}

vec4 fourHalves(uint a, uint b) {
    return FORMAT == F16
            ? vec4(fromHalves(a), fromHalves(b))
            : vec4(uintBitsToFloat(a << 16), uintBitsToFloat(a & 0xFFFF0000u),
                    uintBitsToFloat(b << 16), uintBitsToFloat(b & 0xFFFF0000u));
}

void decodeFloats(uint64_t row, uint run, uint columns, out vec4 w[4]) {
    uint c = run * 16u;
    if (FORMAT == F32 && (columns & 3u) == 0u) {
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            w[k] = c + 4u * k < columns ? Floats4(row).at[run * 4u + k] : vec4(0.0);
        }
    } else if (FORMAT != F32 && (columns & 7u) == 0u) {
        [[unroll]] for (uint k = 0u; k < 2u; k++) {
            uvec4 v = c + 8u * k < columns ? Words4(row).at[run * 2u + k] : uvec4(0u);
            w[2u * k] = fourHalves(v.x, v.y);
            w[2u * k + 1u] = fourHalves(v.z, v.w);
        }
    } else {
        [[unroll]] for (uint k = 0u; k < 4u; k++, c += 4u) {
            w[k] = vec4(weight(row, c, columns), weight(row, c + 1u, columns),
                    weight(row, c + 2u, columns), weight(row, c + 3u, columns));
        }
    }
}

Run loadRun(uint64_t row, uint run, uint columns) {
    if (coded(FORMAT)) {
        return loadCoded(FORMAT, row, run);
    }
    Run v;
    uint r = run & 15u;
    if (FORMAT == Q4_0) {
        uint64_t block = row + (run >> 1) * BLOCK_BYTES;
        v.d = load2(REPACKED ? row + columns / 2u + (run & ~1u) : block);
        v.low = REPACKED ? Words4(row).at[run >> 1] : load16(block + 2ul);
    } else if (FORMAT == Q8_0) {
        uint64_t block = row + (run >> 1) * BLOCK_BYTES;
        v.d = load2(REPACKED ? row + columns + (run & ~1u) : block);
        v.low = REPACKED ? Words4(row).at[run] : load16(block + 2ul + (run & 1u) * 16u);
    } else if (FORMAT == Q4_K) { // blocks of 144 bytes: everything is aligned to sixteen
        Words4 block = Words4(row + (run >> 4) * BLOCK_BYTES);
        v.header = block.at[0];
        v.low = block.at[1u + (r >> 2) * 2u + (r & 1u)];
    } else if (FORMAT == Q5_K) { // of 176 bytes
        Words4 block = Words4(row + (run >> 4) * BLOCK_BYTES);
        v.header = block.at[0];
        v.high = block.at[1u + (r & 1u)];
        v.low = block.at[3u + (r >> 2) * 2u + (r & 1u)];
    } else { // Q6_K
        uint low = (r >> 3) * 64u + (r >> 1 & 1u) * 32u + (r & 1u) * 16u;
        uint high = (r >> 3) * 32u + (r & 1u) * 16u;
        if (REPACKED) {
            uint block = run >> 4;
            v.low = Words4(row + (block * 128u + low)).at[0];
            v.high = Words4(row + (columns / 2u + block * 64u + high)).at[0];
            v.scales = load2(row + (columns / 4u * 3u + (run & ~1u)));
            v.d = load2(row + (columns / 16u * 13u + block * 2u));
        } else {
            uint64_t block = row + (run >> 4) * BLOCK_BYTES;
            v.low = load16(block + low);
            v.high = load16(block + (128u + high));
            v.scales = load2(block + (192u + (r & ~1u)));
            v.d = load2(block + 208ul);
        }
    }
    return v;
}

void decodeRun(Run v, uint run, out vec4 w[4]) {
    uint r = run & 15u;
    float scale;
    float offset;
    uvec4 q;
    if (coded(FORMAT)) {
        codesOf(FORMAT, v, run, q, scale, offset);
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            w[k] = lowered(FORMAT) ? scale * signedBytes(q[k]) - offset : scale * signedBytes(q[k]);
        }
        return;
    }
    if (FORMAT == Q4_0) { // all its bytes' low or high halves
        q = v.low >> ((run & 1u) * 4u) & 0x0F0F0F0Fu;
        scale = fromHalf(v.d);
        offset = 8.0;
    } else if (FORMAT == Q8_0) {
        q = v.low;
        scale = fromHalf(v.d);
        offset = 0.0;
    } else if (FORMAT == Q6_K) {
        uint g = r >> 1 & 3u;
        q = v.low >> ((g >> 1) * 4u) & 0x0F0F0F0Fu | (v.high >> (g * 2u) & 0x03030303u) << 4;
        scale = fromHalf(v.d) * float(int(v.scales << (24u - (r & 1u) * 8u)) >> 24);
        offset = 32.0;
    } else {
        uint sub = r >> 1;
        vec2 s = scaleAndMin(v.header, sub);
        q = v.low >> ((sub & 1u) * 4u) & 0x0F0F0F0Fu;
        if (FORMAT == Q5_K) {
            q |= (v.high >> sub & 0x01010101u) << 4;
        }
        scale = s.x;
        offset = s.y;
    }
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        w[k] = FORMAT == Q8_0
                ? signedBytes(q[k]) * scale
                : FORMAT == Q4_K || FORMAT == Q5_K
                        ? scale * unsignedBytes(q[k]) - offset
                        : (unsignedBytes(q[k]) - offset) * scale;
    }
}

// Columns 16·run to 16·run + 15 of the row of `columns` weights at `row`; zeros behind its end.
void decode(uint64_t row, uint run, uint columns, out vec4 w[4]) {
    if (RAGGED) {
        decodeFloats(row, run, columns, w);
    } else {
        decodeRun(loadRun(row, run, columns), run, w);
    }
}

// Columns c to c + 3 of a row of activations; zeros behind its end. `c` is a multiple of four.
vec4 activations(uint64_t row, uint c, uint columns) {
    if (!RAGGED) {
        return Floats4(row).at[c >> 2];
    }
    if ((columns & 3u) == 0u) {
        return c < columns ? Floats4(row).at[c >> 2] : vec4(0.0);
    }
    Floats x = Floats(row);
    return vec4(
            c < columns ? x.at[c] : 0.0,
            c + 1u < columns ? x.at[c + 1u] : 0.0,
            c + 2u < columns ? x.at[c + 2u] : 0.0,
            c + 3u < columns ? x.at[c + 3u] : 0.0);
}
