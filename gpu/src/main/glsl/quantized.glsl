// A vector of activations quantized to sixteen bits, for dot products of packed bytes: value i is scale(i / 16) · code(i), with
// |code| ≤ 32639 = 127 · 256 + 127.
//
// A block of 16 has one scale, its largest magnitude / 32639, so a value is off by at most 1/65278 of its block's largest.
// A code is 256 · high + low, both signed bytes. Pieces of 64 values are four blocks; `pieces` is ceil(n / 64):
//   planes  8 of `pieces` times 16 bytes: the high bytes of every piece's first block, their low bytes, of the second, …
//   scales  for each block the scale and scale · Σ codes, f32
//   squares for each block the sum of the squares of what a norm before it divides by, f32
// Invocations that multiply neighbouring pieces so read neighbouring bytes. A block with a value that is not finite has the
// scale NaN; one whose largest is below 1e-30 is all zeros.
#extension GL_EXT_shader_explicit_arithmetic_types_int8 : require

layout(buffer_reference, std430, buffer_reference_align = 1) buffer Bytes { int8_t at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Pairs { vec2 at[]; };

const float MOST = 32639.0;

uint piecesOf(uint n) {
    return (n + 63u) / 64u;
}

// Where the high bytes of a block begin; the low ones begin one plane behind.
uint64_t codesOf(uint64_t v, uint n, uint block) {
    return v + uint64_t((block & 3u) * 2u * piecesOf(n) + (block >> 2)) * 16ul;
}

uint64_t scalesOf(uint64_t v, uint n) {
    return v + uint64_t(piecesOf(n)) * 128ul;
}

uint64_t squaresOf(uint64_t v, uint n) {
    return v + uint64_t(piecesOf(n)) * 160ul;
}

// The scale of a block whose largest magnitude has these bits.
float scaleFor(uint largest) {
    float most = uintBitsToFloat(largest);
    return largest >= 0x7F800000u ? uintBitsToFloat(0x7FC00000u) : most < 1e-30 ? 0.0 : most / MOST;
}

// The code of `value` in a block with this largest.
int codeOf(float value, uint largest) {
    float most = uintBitsToFloat(largest);
    if (largest >= 0x7F800000u || most < 1e-30) {
        return 0;
    }
    return int(clamp(roundEven(value * (MOST / most)), -MOST, MOST));
}

uint magnitudeBits(float value) {
    return floatBitsToUint(value) & 0x7FFFFFFFu;
}

void storeCode(uint64_t v, uint n, uint i, int code) {
    int low = code << 24 >> 24;
    uint64_t to = codesOf(v, n, i / 16u) + i % 16u;
    Bytes(to).at[0] = int8_t(code - low >> 8);
    Bytes(to + uint64_t(piecesOf(n)) * 16ul).at[0] = int8_t(low);
}

uint largestOf(float values[16]) {
    uint largest = 0u;
    [[unroll]] for (uint k = 0u; k < 16u; k++) {
        largest = max(largest, magnitudeBits(values[k]));
    }
    return largest;
}

void storeScale(uint64_t v, uint n, uint block, uint largest, int sum, float squares) {
    float scale = scaleFor(largest);
    Pairs(scalesOf(v, n)).at[block] = vec2(scale, scale * float(sum));
    Floats(squaresOf(v, n)).at[block] = squares;
}

// Stores value `i`, one of a block's `values`; the first of a block stores what belongs to the block too.
void store(uint64_t v, uint n, uint i, float values[16], float squares) {
    uint largest = largestOf(values);
    int sum = 0;
    int mine = 0;
    [[unroll]] for (uint k = 0u; k < 16u; k++) {
        int code = codeOf(values[k], largest);
        sum += code;
        mine = k == i % 16u ? code : mine;
    }
    storeCode(v, n, i, mine);
    if (i % 16u == 0u) {
        storeScale(v, n, i / 16u, largest, sum, squares);
    }
}
