// Products of a few rows of a matrix with a few tokens: one workgroup, all of whose invocations share each row.
//
// A weight is decoded once for up to TOKENS tokens, an activation is loaded once for ROWS rows.
#include "formats.glsl"

layout(local_size_x = 128, local_size_x_id = 3) in; // fewer where a row has fewer runs

#include "group.glsl"

layout(constant_id = 1) const uint ROWS = 4;
layout(constant_id = 2) const uint TOKENS = 8; // as many at a time; 1 where there is never more saves registers

shared float partials[ROWS * TOKENS * MOST_LANES / 4u]; // subgroups have at least four invocations

// out[t,r] for `ROWS` rows from `first` on (as far as they are below `rows`) and tokens from `begin` to `end` - 1,
// at most TOKENS. Row `r` of w is at `w + r · bytesOf(columns)`.
void product(uint64_t out_, uint64_t w, uint64_t x, uint first, uint rows, uint columns, uint begin, uint end) {
    float sums[ROWS * TOKENS];
    [[unroll]] for (uint i = 0u; i < ROWS * TOKENS; i++) {
        sums[i] = 0.0;
    }
    for (uint run = gl_LocalInvocationIndex; run < runsOf(columns); run += GROUP) {
        vec4 weights[ROWS * 4u];
        [[unroll]] for (uint r = 0u; r < ROWS; r++) {
            vec4 decoded[4];
            decode(w + min(first + r, rows - 1u) * bytesOf(columns), run, columns, decoded);
            [[unroll]] for (uint k = 0u; k < 4u; k++) {
                weights[r * 4u + k] = decoded[k];
            }
        }
        [[unroll]] for (uint t = 0u; t < TOKENS; t++) {
            if (begin + t < end) {
                uint64_t row = rowOf(x, begin + t, columns);
                [[unroll]] for (uint k = 0u; k < 4u; k++) {
                    vec4 a = activations(row, run * 16u + k * 4u, columns);
                    [[unroll]] for (uint r = 0u; r < ROWS; r++) {
                        sums[r * TOKENS + t] += dot(weights[r * 4u + k], a);
                    }
                }
            }
        }
    }
    [[unroll]] for (uint i = 0u; i < ROWS * TOKENS; i++) {
        float sum = subgroupAdd(sums[i]);
        if (subgroupElect()) {
            partials[i * gl_NumSubgroups + gl_SubgroupID] = sum;
        }
    }
    barrier();
    for (uint i = gl_LocalInvocationIndex; i < ROWS * TOKENS; i += GROUP) {
        uint r = first + i / TOKENS;
        uint t = begin + i % TOKENS;
        if (r < rows && t < end) {
            float sum = partials[i * gl_NumSubgroups];
            for (uint s = 1u; s < gl_NumSubgroups; s++) {
                sum += partials[i * gl_NumSubgroups + s];
            }
            Floats(rowOf(out_, t, rows)).at[r] = sum;
        }
    }
    barrier(); // the next call writes what this one reads
}
