// The formats that are not multiplied in a way of their own: sixteen codes, which are signed bytes, times a scale, less a minimum.
//
// All of ggml's that formats.glsl does not have. The layouts are drawn in dev.jinrai.format. Codes are made four at a time in a word's
// bytes: what a byte takes from another is kept out of it.
//
// IQ1, IQ2 and IQ3 have numbers of entries of a table, the codebook, which lies at `codebooks` for all of them (`CodedFormats`): eight
// bytes an entry of IQ1 and IQ2, four of IQ3. Those of IQ1 are 128 + 8 · weight, the others magnitudes.

uint64_t codebooks = 0ul; // set where `main` begins

const uint Q4_1 = 3;
const uint Q5_0 = 6;
const uint Q5_1 = 7;
const uint Q2_K = 10;
const uint Q3_K = 11;
const uint Q8_K = 15;
const uint IQ2_XXS = 16;
const uint IQ2_XS = 17;
const uint IQ3_XXS = 18;
const uint IQ1_S = 19;
const uint IQ4_NL = 20;
const uint IQ3_S = 21;
const uint IQ2_S = 22;
const uint IQ4_XS = 23;
const uint IQ1_M = 29;
const uint TQ1_0 = 34;
const uint TQ2_0 = 35;
const uint MXFP4 = 39;
const uint NVFP4 = 40;
const uint Q1_0 = 41;
const uint Q2_0 = 42;

// Where the codebooks begin, in bytes.
const uint IQ2_XXS_ENTRIES = 0u;
const uint IQ2_XS_ENTRIES = 2048u;
const uint IQ2_S_ENTRIES = 6144u;
const uint IQ3_XXS_ENTRIES = 14336u;
const uint IQ3_S_ENTRIES = 15360u;
const uint IQ1_ENTRIES = 17408u;

// Whether these formats are multiplied by what is written here.
bool coded(uint format) {
    return format == Q4_1 || format == Q5_0 || format == Q5_1 || format == Q2_K || format == Q3_K
            || format >= Q8_K && format <= IQ4_XS || format == IQ1_M
            || format == TQ1_0 || format == TQ2_0 || format >= MXFP4 && format <= Q2_0;
}

// Whether they have minimums.
bool lowered(uint format) {
    return format == Q4_1 || format == Q5_1 || format == Q2_K;
}

uint codedBlockLength(uint format) {
    return format == Q1_0 ? 128u
            : format == Q2_0 || format == NVFP4 ? 64u
            : format == Q4_1 || format == Q5_0 || format == Q5_1 || format == IQ4_NL || format == MXFP4 ? 32u
            : 256u;
}

uint codedBlockBytes(uint format) {
    return format == Q4_1 ? 20u
            : format == Q5_0 ? 22u
            : format == Q5_1 ? 24u
            : format == Q2_K ? 84u
            : format == Q3_K || format == IQ3_S ? 110u
            : format == Q8_K ? 292u
            : format == IQ2_XXS || format == TQ2_0 ? 66u
            : format == IQ2_XS ? 74u
            : format == IQ3_XXS ? 98u
            : format == IQ1_S ? 50u
            : format == IQ2_S ? 82u
            : format == IQ4_XS ? 136u
            : format == IQ1_M ? 56u
            : format == TQ1_0 ? 54u
            : format == MXFP4 ? 17u
            : format == NVFP4 ? 36u
            : 18u;
}

// ---- bytes of memory

// Four bytes at an even address.
uint load4(uint64_t address) {
    return load2(address) | load2(address + 2ul) << 16;
}

uint byteAt(uint64_t address) {
    uint word = Words(address & ~3ul).at[0];
    return word >> (uint(address) & 3u) * 8u & 0xFFu;
}

// Sixteen bytes at any address. No word is read that holds none of them.
uvec4 load16Anywhere(uint64_t address) {
    uint shift = (uint(address) & 3u) * 8u;
    Words w = Words(address & ~3ul);
    uvec4 low = uvec4(w.at[0], w.at[1], w.at[2], w.at[3]);
    uvec4 high = uvec4(low.yzw, w.at[shift == 0u ? 3u : 4u]);
    return low >> shift | high << 1u << 31u - shift; // a shift by 32 is none
}

// ---- bytes of words

// Byte `i` of a word.
uint byteOf(uint word, uint i) {
    return word >> i * 8u & 0xFFu;
}

// 1 in each byte whose bit of the lower four is set.
uint spread(uint bits) {
    return (bits & 0xFu) * 0x00204081u & 0x01010101u;
}

uvec4 spread(uvec4 bits) {
    return (bits & 0xFu) * 0x00204081u & 0x01010101u;
}

// -b for each byte b whose bit of the lower four is set; no byte is zero.
uint negate(uint bytes, uint bits) {
    uint ones = spread(bits);
    return (bytes ^ ones * 0xFFu) + ones;
}

// Each byte b (at most 127) less `n`, times 0x01010101.
uvec4 less(uvec4 bytes, uint n) {
    return (bytes | 0x80808080u) - n ^ 0x80808080u;
}

uvec4 choose(uvec4 mask, uint a, uint b) {
    return uvec4(a) ^ mask & (a ^ b);
}

uvec4 choose(uvec4 mask, uvec4 a, uvec4 b) {
    return a ^ mask & (a ^ b);
}

// The words' bytes with bit `i` of each byte everywhere.
uvec4 everywhere(uvec4 bytes, uint i) {
    return (bytes >> i & 0x01010101u) * 0xFFu;
}

// Four times a byte.
#define FOUR(value) (uint(value) * 0x01010101u)

// What IQ4 means by the numbers 0 to 15, as a tree of choices: a table in memory is slower.
uvec4 nonlinear(uvec4 q) {
    uvec4 one = everywhere(q, 0u);
    uvec4 two = everywhere(q, 1u);
    uvec4 four = everywhere(q, 2u);
    uvec4 below = choose(four,
            choose(two, choose(one, FOUR(0x81), FOUR(0x98)), choose(one, FOUR(0xAD), FOUR(0xBF))), // -127 -104 -83 -65
            choose(two, choose(one, FOUR(0xCF), FOUR(0xDD)), choose(one, FOUR(0xEA), FOUR(0xF6)))); // -49 -35 -22 -10
    uvec4 above = choose(four,
            choose(two, choose(one, FOUR(1), FOUR(13)), choose(one, FOUR(25), FOUR(38))),
            choose(two, choose(one, FOUR(53), FOUR(69)), choose(one, FOUR(89), FOUR(113))));
    return choose(everywhere(q, 3u), below, above);
}

// Twice the numbers of the four-bit floats E2M1: 0 1 2 3 4 6 8 12, then their negatives.
uvec4 doubledE2M1(uvec4 q) {
    uvec4 one = everywhere(q, 0u);
    uvec4 two = everywhere(q, 1u);
    uvec4 magnitude = choose(everywhere(q, 2u),
            q & 0x03030303u,
            choose(two, choose(one, FOUR(4), FOUR(6)), choose(one, FOUR(8), FOUR(12))));
    uvec4 sign = q >> 3 & 0x01010101u;
    return (magnitude ^ 0x80808080u ^ sign * 0xFFu) + sign ^ 0x80808080u; // a carry out of 0x7F stays in its byte
}

// Seven signs of eight make an even number with the last.
uint evenSigns(uint seven) {
    seven &= 0x7Fu;
    return seven | (uint(bitCount(seven)) & 1u) << 7;
}

uvec2 entry8(uint codebook, uint i) {
    Words w = Words(codebooks + (codebook + i * 8u));
    return uvec2(w.at[0], w.at[1]);
}

uint entry4(uint codebook, uint i) {
    return Words(codebooks + (codebook + i * 4u)).at[0];
}

// ---- runs

Run loadCoded(uint format, uint64_t row, uint run) {
    Run v;
    uint runs = codedBlockLength(format) / 16u;
    uint r = run % runs;
    uint64_t block = row + run / runs * codedBlockBytes(format);
    if (format == Q4_1) {
        v.d = Words(block).at[0];
        v.low = load16(block + 4ul);
    } else if (format == Q5_0) {
        v.d = load2(block);
        v.scales = load2(block + 2u + r * 2u); // fifth bits
        v.low = load16(block + 6ul);
    } else if (format == Q5_1) {
        v.d = Words(block).at[0];
        v.scales = load2(block + 4u + r * 2u);
        v.low = load16(block + 8ul);
    } else if (format == IQ4_NL) {
        v.d = load2(block);
        v.low = load16(block + 2ul);
    } else if (format == MXFP4) {
        v.d = byteAt(block);
        v.low = load16Anywhere(block + 1ul);
    } else if (format == NVFP4) {
        v.d = byteAt(block + r);
        Words w = Words(block + 4u + r * 8u);
        v.low = uvec4(w.at[0], w.at[1], 0u, 0u);
    } else if (format == Q1_0) {
        v.d = load2(block);
        v.scales = load2(block + 2u + r * 2u);
    } else if (format == Q2_0) {
        v.d = load2(block);
        v.scales = load4(block + 2u + r * 4u);
    } else if (format == Q2_K) {
        v.scales = load2(block + (r & ~1u));
        v.low = load16(block + (16u + (r >> 3) * 32u + (r & 1u) * 16u));
        v.d = Words(block + 80ul).at[0];
    } else if (format == Q3_K) {
        v.high = load16(block + (r & 1u) * 16u);
        v.low = load16(block + (32u + (r >> 3) * 32u + (r & 1u) * 16u));
        v.scales = load2(block + (96u + (r & 6u))) | load2(block + (104u + (r & 2u))) << 16;
        v.d = load2(block + 108ul);
    } else if (format == Q8_K) {
        v.d = Words(block).at[0];
        v.low = load16(block + (4u + r * 16u));
    } else if (format == TQ2_0) {
        v.low = load16(block + ((r >> 3) * 32u + (r & 1u) * 16u));
        v.d = load2(block + 64ul);
    } else if (format == TQ1_0) {
        v.low = load16(block + (r < 10u ? (r & 1u) * 16u : r < 15u ? 32u : 36u));
        v.d = load2(block + 52ul);
    } else if (format == IQ4_XS) {
        Words w = Words(block);
        v.d = w.at[0];
        v.scales = w.at[1];
        v.low = load16(block + (8u + (r >> 1) * 16u));
    } else { // codebooks, of 32 weights in two halves
        uint s = r >> 1;
        uint h = r & 1u;
        if (format == IQ2_XXS) {
            v.header.x = load2(block + (2u + s * 8u + h * 2u));
            v.header.y = load4(block + (6u + s * 8u));
        } else if (format == IQ2_XS) {
            v.header.x = load4(block + (2u + s * 8u + h * 4u));
            v.scales = byteAt(block + (66u + s));
        } else if (format == IQ2_S) {
            v.header.x = load2(block + (2u + s * 4u + h * 2u));
            v.header.y = load2(block + (34u + s * 4u + h * 2u));
            v.header.z = byteAt(block + (66u + s));
            v.scales = byteAt(block + (74u + s));
        } else if (format == IQ3_XXS) {
            v.header.x = load4(block + (2u + s * 8u + h * 4u));
            v.header.y = load4(block + (66u + s * 4u));
        } else if (format == IQ3_S) {
            v.header.x = load4(block + (2u + s * 8u + h * 4u));
            v.header.y = load2(block + (74u + s * 4u + h * 2u));
            v.header.z = byteAt(block + (66u + s));
            v.scales = byteAt(block + (106u + (s >> 1)));
        } else if (format == IQ1_S) {
            v.header.x = load2(block + (2u + s * 4u + h * 2u));
            v.scales = load2(block + (34u + s * 2u));
        } else { // IQ1_M
            v.header.x = load2(block + (s * 4u + h * 2u));
            v.header.y = byteAt(block + (32u + r));
            Words w = Words(block + 48ul);
            v.header.zw = uvec2(w.at[0], w.at[1]);
        }
        if (format != IQ1_M) {
            v.d = load2(block);
        }
    }
    return v;
}

// Three to the power n, of the trits of TQ1_0.
uint threeTo(uint n) {
    return n == 0u ? 1u : n == 1u ? 3u : n == 2u ? 9u : n == 3u ? 27u : 81u;
}

// Trit `n` of each byte, times `power`: 3^n.
uint trits(uint bytes, uint power) {
    uint even = (bytes & 0x00FF00FFu) * power & 0x00FF00FFu;
    uint odd = (bytes >> 8 & 0x00FF00FFu) * power & 0x00FF00FFu;
    return even * 3u >> 8 & 0x00030003u | odd * 3u & 0x03000300u;
}

// Sixteen codes of a run, a scale and a minimum: w[i] = scale · q[i] - minimum.
void codesOf(uint format, Run v, uint run, out uvec4 q, out float scale, out float minimum) {
    const uint NIBBLES = 0x0F0F0F0Fu;
    uint r = run % (codedBlockLength(format) / 16u);
    uint s = r >> 1;
    uint h = r & 1u;
    minimum = 0.0;
    if (format == Q4_1 || format == Q5_1) {
        vec2 d = fromHalves(v.d);
        scale = d.x;
        minimum = -d.y;
        q = v.low >> r * 4u & NIBBLES;
        if (format == Q5_1) {
            q |= spread(uvec4(v.scales) >> uvec4(0u, 4u, 8u, 12u)) << 4;
        }
    } else if (format == Q5_0) {
        scale = fromHalf(v.d);
        q = less(v.low >> r * 4u & NIBBLES | spread(uvec4(v.scales) >> uvec4(0u, 4u, 8u, 12u)) << 4, FOUR(16));
    } else if (format == Q2_K) {
        vec2 d = fromHalves(v.d);
        uint both = v.scales >> h * 8u;
        scale = d.x * float(both & 0xFu);
        minimum = d.y * float(both >> 4 & 0xFu);
        q = v.low >> (s & 3u) * 2u & 0x03030303u;
    } else if (format == Q3_K) {
        uint low = v.scales >> h * 8u + (r >> 3) * 4u & 0xFu;
        uint high = v.scales >> 16u + h * 8u + (r >> 2) * 2u & 3u;
        scale = fromHalf(v.d) * float(int(low | high << 4) - 32);
        q = less(v.low >> (s & 3u) * 2u & 0x03030303u | (v.high >> s & 0x01010101u) << 2, FOUR(4));
    } else if (format == Q8_K) {
        scale = uintBitsToFloat(v.d);
        q = v.low;
    } else if (format == IQ4_NL) {
        scale = fromHalf(v.d);
        q = nonlinear(v.low >> h * 4u);
    } else if (format == IQ4_XS) {
        uint low = v.scales >> s * 4u & 0xFu;
        uint high = v.d >> 16u + s * 2u & 3u;
        scale = fromHalf(v.d) * float(int(low | high << 4) - 32);
        q = nonlinear(v.low >> h * 4u);
    } else if (format == MXFP4) {
        scale = uintBitsToFloat(v.d < 2u ? 0x00200000u << v.d : v.d - 1u << 23); // half of 2^(d - 127)
        q = doubledE2M1(v.low >> h * 4u);
    } else if (format == NVFP4) {
        uint exponent = v.d >> 3 & 0xFu;
        uint fraction = v.d & 7u;
        scale = exponent == 0u ? float(fraction) * 0.0009765625 : uintBitsToFloat(exponent + 119u << 23 | fraction << 20);
        scale = v.d == 0x7Fu ? 0.0 : scale;
        q = doubledE2M1(uvec4(v.low.xy, v.low.xy >> 4));
    } else if (format == Q1_0) {
        scale = fromHalf(v.d);
        q = less(spread(uvec4(v.scales) >> uvec4(0u, 4u, 8u, 12u)) << 1, FOUR(1));
    } else if (format == Q2_0) {
        scale = fromHalf(v.d);
        uvec4 eight = uvec4(v.scales) >> uvec4(0u, 8u, 16u, 24u) & 0xFFu;
        q = less((eight | eight << 6 | eight << 12 | eight << 18) & 0x03030303u, FOUR(1));
    } else if (format == TQ2_0) {
        scale = fromHalf(v.d);
        q = less(v.low >> (s & 3u) * 2u & 0x03030303u, FOUR(1));
    } else if (format == TQ1_0) {
        scale = fromHalf(v.d);
        uint power = threeTo(r < 10u ? s : r - 10u);
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            q[k] = r < 15u ? trits(v.low[k], power) : trits(v.low.w, threeTo(k));
        }
        q = less(q, FOUR(1));
    } else if (format == IQ1_S || format == IQ1_M) {
        uint factor;
        uvec2 high; // of the two numbers
        uvec2 minus;
        uint d = v.d;
        if (format == IQ1_S) {
            factor = v.scales >> 12 & 7u;
            high = uvec2(v.scales) >> uvec2(h * 6u, h * 6u + 3u) & 7u;
            minus = uvec2(v.scales >> 15 & 1u);
        } else {
            uint scales = v.header[2u + (s >> 2)] >> (s >> 1 & 1u) * 16u;
            factor = scales >> (s & 1u) * 6u + h * 3u & 7u;
            high = v.header.yy >> uvec2(0u, 4u) & 7u;
            minus = v.header.yy >> uvec2(3u, 7u) & 1u;
            d = v.header.z >> 12 & 0xFu | v.header.z >> 24 & 0xF0u | v.header.w >> 4 & 0xF00u | v.header.w >> 16 & 0xF000u;
        }
        scale = fromHalf(d) * float(2u * factor + 1u) * 0.125;
        uvec2 a = entry8(IQ1_ENTRIES, v.header.x & 0xFFu | high.x << 8);
        uvec2 b = entry8(IQ1_ENTRIES, v.header.x >> 8 | high.y << 8);
        q = uvec4(a, b) + FOUR(1) - (minus * FOUR(2)).xxyy ^ 0x80808080u; // 8 · weight ± 1
    } else { // IQ2 and IQ3
        uvec4 entries;
        uvec2 signs;
        if (format == IQ2_XXS) {
            scale = fromHalf(v.d) * (0.5 + float(v.header.y >> 28)) * 0.25;
            entries = uvec4(entry8(IQ2_XXS_ENTRIES, v.header.x & 0xFFu), entry8(IQ2_XXS_ENTRIES, v.header.x >> 8));
            signs = uvec2(evenSigns(v.header.y >> h * 14u), evenSigns(v.header.y >> h * 14u + 7u));
        } else if (format == IQ2_XS) {
            scale = fromHalf(v.d) * (0.5 + float(v.scales >> h * 4u & 0xFu)) * 0.25;
            entries = uvec4(entry8(IQ2_XS_ENTRIES, v.header.x & 0x1FFu), entry8(IQ2_XS_ENTRIES, v.header.x >> 16 & 0x1FFu));
            signs = uvec2(evenSigns(v.header.x >> 9), evenSigns(v.header.x >> 25));
        } else if (format == IQ2_S) {
            scale = fromHalf(v.d) * (0.5 + float(v.scales >> h * 4u & 0xFu)) * 0.25;
            uint high = v.header.z >> h * 4u;
            entries = uvec4(entry8(IQ2_S_ENTRIES, v.header.x & 0xFFu | (high & 3u) << 8),
                    entry8(IQ2_S_ENTRIES, v.header.x >> 8 | (high >> 2 & 3u) << 8));
            signs = v.header.yy >> uvec2(0u, 8u);
        } else if (format == IQ3_XXS) {
            scale = fromHalf(v.d) * (0.5 + float(v.header.y >> 28)) * 0.5;
            [[unroll]] for (uint k = 0u; k < 4u; k++) {
                entries[k] = entry4(IQ3_XXS_ENTRIES, byteOf(v.header.x, k));
            }
            signs = uvec2(evenSigns(v.header.y >> h * 14u), evenSigns(v.header.y >> h * 14u + 7u));
        } else { // IQ3_S
            scale = fromHalf(v.d) * float(1u + 2u * (v.scales >> (s & 1u) * 4u & 0xFu));
            [[unroll]] for (uint k = 0u; k < 4u; k++) {
                entries[k] = entry4(IQ3_S_ENTRIES, byteOf(v.header.x, k) | (v.header.z >> h * 4u + k & 1u) << 8);
            }
            signs = v.header.yy >> uvec2(0u, 8u);
        }
        q = uvec4(negate(entries.x, signs.x), negate(entries.y, signs.x >> 4),
                negate(entries.z, signs.y), negate(entries.w, signs.y >> 4));
    }
}
