// Matrices of 16 × 16 that a subgroup of 32 holds together: factors of halves, sums of f32. They lie in shared memory in vectors of
// sixteen bytes, and offsets and pitches count those.
//
// EMULATED, invocations compute what they hold by themselves, 32 of a workgroup after each other being a subgroup: so tests run on
// devices without matrices. Loops are not unrolled there, for the compilers' sake.
#extension GL_EXT_shader_explicit_arithmetic_types_float16 : require
#extension GL_EXT_control_flow_attributes : require
#ifdef EMULATED
#define UNROLL [[dont_unroll]]
#define SUBGROUP (gl_LocalInvocationIndex / 32u)
#define SUBGROUP_LANE (gl_LocalInvocationIndex % 32u)
#define SUBGROUP_BARRIER barrier()

// An invocation holds column lane / 2 of sums and right factors, rows 8 · (lane % 2) to 8 · (lane % 2) + 7 of sums and left factors.
struct Left { float at[128]; };
struct Right { float at[16]; };
struct Sums { float at[8]; };

#define SUMS_COUNT(m) 8
#define SUMS_AT(m, e) m.at[e]
#define HALF_OF(word, i) unpackHalf2x16(word)[(i) & 1u]

Sums sumsOf(float value) {
    Sums s;
    for (uint i = 0u; i < 8u; i++) {
        s.at[i] = value;
    }
    return s;
}

Sums multiplyAdd(Left a, Right b, Sums s) {
    [[dont_unroll]] for (uint r = 0u; r < 8u; r++) {
        [[dont_unroll]] for (uint k = 0u; k < 16u; k++) {
            s.at[r] += a.at[r * 16u + k] * b.at[k];
        }
    }
    return s;
}

#define LOAD_LEFT(m, from, offset, pitch) \
    [[dont_unroll]] for (uint i_ = 0u; i_ < 128u; i_++) { \
        uint k_ = i_ % 16u; \
        m.at[i_] = HALF_OF(from[(offset) + (SUBGROUP_LANE % 2u * 8u + i_ / 16u) * (pitch) + k_ / 8u][k_ % 8u / 2u], k_); \
    }
#define LOAD_RIGHT(m, from, offset, pitch) \
    [[dont_unroll]] for (uint k_ = 0u; k_ < 16u; k_++) { \
        m.at[k_] = HALF_OF(from[(offset) + SUBGROUP_LANE / 2u * (pitch) + k_ / 8u][k_ % 8u / 2u], k_); \
    }
#define LOAD_RIGHT_ROWS(m, from, offset, pitch) \
    [[dont_unroll]] for (uint k_ = 0u; k_ < 16u; k_++) { \
        uint c_ = SUBGROUP_LANE / 2u; \
        m.at[k_] = HALF_OF(from[(offset) + k_ * (pitch) + c_ / 8u][c_ % 8u / 2u], c_); \
    }
#define LOAD_FLOATS(m, from, offset, pitch) \
    [[dont_unroll]] for (uint i_ = 0u; i_ < 8u; i_++) { \
        m.at[i_] = from[(offset) + SUBGROUP_LANE / 2u * (pitch) + SUBGROUP_LANE % 2u * 8u + i_]; \
    }
#define STORE_FLOATS(m, to, offset, pitch) \
    [[dont_unroll]] for (uint i_ = 0u; i_ < 8u; i_++) { \
        to[(offset) + SUBGROUP_LANE / 2u * (pitch) + SUBGROUP_LANE % 2u * 8u + i_] = m.at[i_]; \
    }
#define STORE_SUMS(m, to, offset, pitch) \
    [[dont_unroll]] for (uint i_ = 0u; i_ < 2u; i_++) { \
        to[(offset) + SUBGROUP_LANE / 2u * (pitch) + SUBGROUP_LANE % 2u * 2u + i_] = floatBitsToUint(vec4(m.at[i_ * 4u], m.at[i_ * 4u + 1u], m.at[i_ * 4u + 2u], m.at[i_ * 4u + 3u])); \
    }
#else
#define UNROLL [[unroll]]
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_memory_scope_semantics : require
#extension GL_KHR_cooperative_matrix : require
#define SUBGROUP gl_SubgroupID
#define SUBGROUP_LANE gl_SubgroupInvocationID
#define SUBGROUP_BARRIER subgroupBarrier()
#define Left coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseA>
#define Right coopmat<float16_t, gl_ScopeSubgroup, 16, 16, gl_MatrixUseB>
#define Sums coopmat<float, gl_ScopeSubgroup, 16, 16, gl_MatrixUseAccumulator>
#define SUMS_COUNT(m) m.length()
#define SUMS_AT(m, e) m[e]
#define sumsOf(value) Sums(value)
#define multiplyAdd coopMatMulAdd
// Row by row.
#define LOAD_LEFT(m, from, offset, pitch) coopMatLoad(m, from, offset, pitch, gl_CooperativeMatrixLayoutRowMajor)
// Column by column.
#define LOAD_RIGHT(m, from, offset, pitch) coopMatLoad(m, from, offset, pitch, gl_CooperativeMatrixLayoutColumnMajor)
#define LOAD_RIGHT_ROWS(m, from, offset, pitch) coopMatLoad(m, from, offset, pitch, gl_CooperativeMatrixLayoutRowMajor)
// Column by column, f32: to vectors, and from and to arrays of floats, where offset and pitch count floats.
#define STORE_SUMS(m, to, offset, pitch) coopMatStore(m, to, offset, pitch, gl_CooperativeMatrixLayoutColumnMajor)
#define STORE_FLOATS(m, to, offset, pitch) coopMatStore(m, to, offset, pitch, gl_CooperativeMatrixLayoutColumnMajor)
#define LOAD_FLOATS(m, from, offset, pitch) coopMatLoad(m, from, offset, pitch, gl_CooperativeMatrixLayoutColumnMajor)
#endif
