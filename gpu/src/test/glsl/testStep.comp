#version 460
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_shader_explicit_arithmetic_types_int64 : require

// to[i] = 3 * from[n - 1 - i] + 1: every invocation reads what another one wrote.
layout(local_size_x = 64) in;

layout(buffer_reference, std430, buffer_reference_align = 4) buffer Words { uint at[]; };
layout(push_constant, std430) uniform Arguments { uint64_t to; uint64_t from; uint n; };

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i < n) {
        Words(to).at[i] = 3 * Words(from).at[n - 1 - i] + 1;
    }
}
