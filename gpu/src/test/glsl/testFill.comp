#version 460
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require

// out[i] = SCALE * i + SHIFT + value
layout(local_size_x = 64) in;
layout(constant_id = 0) const uint SCALE = 1;
layout(constant_id = 1) const uint SHIFT = 0;

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Words { uint at[]; };
layout(push_constant, std430) uniform Arguments { uint64_t result; uint n; uint value; };

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < n) {
        Words(result).at[i] = SCALE * i + SHIFT + value;
    }
}
