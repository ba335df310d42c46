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

// The largest magnitude of four values.
uint largestOf(vec4 values) {
    uvec4 bits = floatBitsToUint(values) & 0x7FFFFFFFu;
    return max(max(bits.x, bits.y), max(bits.z, bits.w));
}

// Stores values i to i + 3, four of a block with this largest, and returns the sum of their codes.
int storeFour(uint64_t v, uint n, uint i, vec4 values, uint largest) {
    uint high = 0u;
    uint low = 0u;
    int sum = 0;
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        int code = codeOf(values[k], largest);
        int lowest = code << 24 >> 24;
        high |= (uint(code - lowest >> 8) & 0xFFu) << 8u * k;
        low |= (uint(lowest) & 0xFFu) << 8u * k;
        sum += code;
    }
    uint64_t to = codesOf(v, n, i / 16u) + i % 16u;
    Words(to).at[0] = high;
    Words(to + uint64_t(piecesOf(n)) * 16ul).at[0] = low;
    return sum;
}

void storeScale(uint64_t v, uint n, uint block, uint largest, int sum, float squares) {
    float scale = scaleFor(largest);
    Pairs(scalesOf(v, n)).at[block] = vec2(scale, scale * float(sum));
    Floats(squaresOf(v, n)).at[block] = squares;
}
