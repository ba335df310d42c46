#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_ballot : require
#extension GL_KHR_shader_subgroup_shuffle : require

// How many invocations a subgroup of this workgroup has: a power of two. gl_SubgroupSize may be more: drivers state one size for a device
// and run kernels in smaller subgroups. All invocations of a subgroup call; workgroups are multiples of their
// size, so that all are alike.
uint subgroupWidth() {
    return subgroupBallotBitCount(subgroupBallot(true));
}

// The sum over a subgroup of `width` invocations, all of which call. A subgroupAdd has to ask who calls, which takes longer than adding.
float sumOver(float x, uint width) {
    [[unroll]] for (uint distance = 64u; distance > 0u; distance /= 2u) {
        if (distance < width) {
            x += subgroupShuffleXor(x, distance);
        }
    }
    return x;
}

// The largest over a subgroup, as [sumOver].
float mostOver(float x, uint width) {
    [[unroll]] for (uint distance = 64u; distance > 0u; distance /= 2u) {
        if (distance < width) {
            x = max(x, subgroupShuffleXor(x, distance));
        }
    }
    return x;
}
