#version 460
// out[t,r] = Σ_c w[slice][r,c] · x[t,c], for many tokens. Groups: x = ceil(rows / 64), y = ceil(tokens / 64).
//
// A workgroup makes 64 × 64 results. 32 columns at a time are decoded (of w) and copied (of x) to shared memory; each
// invocation multiplies 8 rows with 4 tokens, so that 12 loads of four columns serve 128 multiplications.
#extension GL_GOOGLE_include_directive : require
#pragma variant CODED
#include "formats.glsl"

layout(local_size_x = 128) in;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t w;
    uint64_t x;
    uint rows;
    uint columns;
    uint tokens;
    uint slice;
    uint64_t books;
};

const uint TILE = 64u;
const uint PITCH = 9u; // 32 columns are 8 vec4; one more keeps eight rows in different banks

shared vec4 tileW[TILE * PITCH];
shared vec4 tileX[TILE * PITCH];

void main() {
    codebooks = books;
    uint lane = gl_LocalInvocationIndex;
    uint firstRow = gl_WorkGroupID.x * TILE;
    uint firstToken = gl_WorkGroupID.y * TILE;
    uint r0 = lane % 8u; // rows r0 + 8i
    uint t0 = lane / 8u; // tokens t0 + 16j

    // What this invocation brings to shared memory: half a row of w, and four columns of every sixteenth token.
    uint broughtRow = lane % TILE;
    uint broughtRun = lane / TILE;
    uint64_t row = w + (uint64_t(slice) * rows + min(firstRow + broughtRow, rows - 1u)) * bytesOf(columns);

    float sums[32];
    [[unroll]] for (uint i = 0u; i < 32u; i++) {
        sums[i] = 0.0;
    }
    for (uint c = 0u; c < columns; c += 32u) {
        vec4 decoded[4];
        decode(row, c / 16u + broughtRun, columns, decoded);
        [[unroll]] for (uint k = 0u; k < 4u; k++) {
            tileW[broughtRow * PITCH + broughtRun * 4u + k] = decoded[k];
        }
        [[unroll]] for (uint i = 0u; i < 4u; i++) {
            uint t = t0 + 16u * i;
            tileX[t * PITCH + r0] = firstToken + t < tokens
                    ? activations(rowOf(x, firstToken + t, columns), c + r0 * 4u, columns)
                    : vec4(0.0);
        }
        barrier();
        [[unroll]] for (uint k = 0u; k < 8u; k++) {
            vec4 a[8];
            [[unroll]] for (uint i = 0u; i < 8u; i++) {
                a[i] = tileW[(r0 + 8u * i) * PITCH + k];
            }
            [[unroll]] for (uint j = 0u; j < 4u; j++) {
                vec4 b = tileX[(t0 + 16u * j) * PITCH + k];
                [[unroll]] for (uint i = 0u; i < 8u; i++) {
                    uint s = j * 8u + i;
                    sums[s] = fma(a[i].x, b.x, sums[s]);
                    sums[s] = fma(a[i].y, b.y, sums[s]);
                    sums[s] = fma(a[i].z, b.z, sums[s]);
                    sums[s] = fma(a[i].w, b.w, sums[s]);
                }
            }
        }
        barrier(); // before the next columns overwrite these
    }
    [[unroll]] for (uint j = 0u; j < 4u; j++) {
        uint t = firstToken + t0 + 16u * j;
        if (t < tokens) {
            Floats dst = Floats(rowOf(out_, t, rows));
            [[unroll]] for (uint i = 0u; i < 8u; i++) {
                uint r = firstRow + r0 + 8u * i;
                if (r < rows) {
                    dst.at[r] = sums[j * 8u + i];
                }
            }
        }
    }
}
