// Weights of the formats with blocks as halves, sixteen at a time, by arithmetic of packed halves where that is as exact.
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require

// What weights are multiplied by on their way to halves, so that the scales of small ones are no subnormal halves. A weight of 4095 would
// be infinite.
const float RAISED = 16.0;

// The bytes 0 and 2 of a word as halves, minus `bias`: 0x6400 is 1024, whose last bit is one.
f16vec2 halvesOfBytes(uint pair, float bias) {
    return unpackFloat2x16(pair | 0x64006400u) - f16vec2(1024.0 + bias);
}

// The bytes 0 and 2 of a word: 0x4B000000 is 2^23, whose last bit is one. Conversions of integers are slow.
vec2 floatsOfBytes(uint word) {
    return uintBitsToFloat(uvec2(word & 0xFFu, word >> 16 & 0xFFu) | 0x4B000000u) - 8388608.0;
}

// The weights of `v` times RAISED. Of four neighbours the first and third make a word, then the second and fourth: the order in which
// `halve` leaves tokens.
void decodeHalves(Run v, uint run, out uvec4 first, out uvec4 second) {
    uint r = run & 15u;
    uvec4 q;
    float scale;
    float minimum = 0.0;
    float bias = 0.0;
    if (coded(FORMAT)) {
        codesOf(FORMAT, v, run, q, scale, minimum);
        if (!lowered(FORMAT)) {
            q ^= 0x80808080u;
            bias = 128.0;
        }
    } else if (FORMAT == Q4_0) {
        q = v.low >> ((run & 1u) * 4u) & 0x0F0F0F0Fu;
        scale = fromHalf(v.d);
        bias = 8.0;
    } else if (FORMAT == Q8_0) {
        q = v.low ^ 0x80808080u;
        scale = fromHalf(v.d);
        bias = 128.0;
    } else if (FORMAT == Q6_K) {
        uint g = r >> 1 & 3u;
        q = v.low >> ((g >> 1) * 4u) & 0x0F0F0F0Fu | (v.high >> (g * 2u) & 0x03030303u) << 4;
        scale = fromHalf(v.d) * float(int(v.scales << (24u - (r & 1u) * 8u)) >> 24);
        bias = 32.0;
    } else {
        uint sub = r >> 1;
        vec2 s = scaleAndMin(v.header, sub);
        q = v.low >> ((sub & 1u) * 4u) & 0x0F0F0F0Fu;
        if (FORMAT == Q5_K) {
            q |= (v.high >> sub & 0x01010101u) << 4;
        }
        scale = s.x;
        minimum = s.y;
    }
    uvec2 words[4];
    [[unroll]] for (uint k = 0u; k < 4u; k++) {
        if (FORMAT == Q4_K || FORMAT == Q5_K || lowered(FORMAT)) {
            // In f32: rounded scales and minimums are errors that neighbours share, and that add up.
            vec2 even = floatsOfBytes(q[k]) * (scale * RAISED) - minimum * RAISED;
            vec2 odd = floatsOfBytes(q[k] >> 8) * (scale * RAISED) - minimum * RAISED;
            words[k] = uvec2(packFloat2x16(f16vec2(even)), packFloat2x16(f16vec2(odd)));
        } else {
            f16vec2 times = f16vec2(scale * RAISED);
            f16vec2 even = halvesOfBytes(q[k] & 0x00FF00FFu, bias) * times;
            f16vec2 odd = halvesOfBytes(q[k] >> 8 & 0x00FF00FFu, bias) * times;
            words[k] = uvec2(packFloat2x16(even), packFloat2x16(odd));
        }
    }
    first = uvec4(words[0], words[1]);
    second = uvec4(words[2], words[3]);
}
