// Sums and extremes over the workgroup, whatever the size of a subgroup; the order of additions is fixed on a device.
//
// All invocations call and get the result. It has to be included behind the layout of the workgroup, which has at most MOST_LANES
// invocations.
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require

const uint MOST_LANES = 128u;
const uint GROUP = gl_WorkGroupSize.x;

shared float groupFloats[MOST_LANES];
shared uint groupWords[MOST_LANES];

float groupSum(float value) {
    float sum = subgroupAdd(value);
    if (subgroupElect()) {
        groupFloats[gl_SubgroupID] = sum;
    }
    barrier();
    sum = groupFloats[0];
    for (uint i = 1u; i < gl_NumSubgroups; i++) {
        sum += groupFloats[i];
    }
    barrier(); // the next call writes what this one reads
    return sum;
}

// The largest that is a number.
float groupMax(float value) {
    float largest = subgroupMax(value);
    if (subgroupElect()) {
        groupFloats[gl_SubgroupID] = largest;
    }
    barrier();
    largest = groupFloats[0];
    for (uint i = 1u; i < gl_NumSubgroups; i++) {
        largest = max(largest, groupFloats[i]);
    }
    barrier();
    return largest;
}

uint groupMax(uint value) {
    uint largest = subgroupMax(value);
    if (subgroupElect()) {
        groupWords[gl_SubgroupID] = largest;
    }
    barrier();
    largest = groupWords[0];
    for (uint i = 1u; i < gl_NumSubgroups; i++) {
        largest = max(largest, groupWords[i]);
    }
    barrier();
    return largest;
}

uint groupMin(uint value) {
    return ~groupMax(~value);
}

// A number that is the larger the larger `x` is: equal for both zeros, 0 for what is not a number.
uint rank(float x) {
    uint bits = floatBitsToUint(x);
    uint magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) {
        return 0u;
    }
    return magnitude == 0u ? 0x80000000u : (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}
