#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require

// How many invocations a subgroup of this workgroup has. gl_SubgroupSize may be more: drivers state one size for a device and run
// kernels in smaller subgroups. All invocations of a subgroup call; workgroups are multiples of their
// size, so that all are alike.
uint subgroupWidth() {
    return subgroupAdd(1u);
}
