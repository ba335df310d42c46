// Memory by address: every kernel reads and writes through these.
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_control_flow_attributes : require

layout(buffer_reference, std430, buffer_reference_align = 2) buffer Halves { uint16_t at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Words { uint at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Words4 { uvec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 4) buffer Floats { float at[]; };
layout(buffer_reference, std430, buffer_reference_align = 16) buffer Floats4 { vec4 at[]; };
layout(buffer_reference, std430, buffer_reference_align = 8) buffer Addresses { uint64_t at[]; };

// Row `row` of an activation with `columns` columns.
uint64_t rowOf(uint64_t base, uint row, uint columns) {
    return base + 4ul * row * columns;
}

// Sixteen bits at an even address.
uint load2(uint64_t address) {
    return uint(Halves(address).at[0]);
}

// Sixteen bytes at an even address, by aligned words. No word is read that holds none of these bytes.
uvec4 load16(uint64_t address) {
    bool odd = (uint(address) & 2u) != 0u;
    Words w = Words(address & ~3ul);
    uvec4 low = uvec4(w.at[0], w.at[1], w.at[2], w.at[3]);
    uvec4 high = uvec4(low.yzw, w.at[odd ? 4u : 3u]);
    return odd ? low >> 16 | high << 16 : low;
}

// What is not a number, by its bits: a driver may take comparisons of numbers to be of numbers.
bool notANumber(float x) {
    return (floatBitsToUint(x) & 0x7FFFFFFFu) > 0x7F800000u;
}
