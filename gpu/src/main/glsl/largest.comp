#version 460
// The `kept` largest of each piece of 2048 values, largest first, of equal ones the lower column first; what is not a number comes
// before all others. What pieces kept is cut into pieces again, until one is left.
//
// A key orders a value: its rank, then how low its column is. First a rank is looked for, by halves, that few keys have or exceed, and
// not fewer than are kept; those are sorted in shared memory by a bitonic network (Batcher 1968, "Sorting networks and their
// applications"): which keys are compared does not depend on them. Where there is no such rank, of equal values, all are sorted. One
// key alone needs no sorting.
//
// Values of x with the first, or keys of `from`; keys to `out_`, or with the last columns and values, as `Backend.largest` says.
// Groups: x = pieces, y = rows.
#extension GL_GOOGLE_include_directive : require
#extension GL_KHR_shader_subgroup_basic : require
#extension GL_KHR_shader_subgroup_arithmetic : require
#include "memory.glsl"

layout(local_size_x = 256) in;

layout(constant_id = 0) const uint FIRST = 1u;
layout(constant_id = 1) const uint LAST = 1u;

layout(push_constant, std430) uniform Arguments {
    uint64_t out_;
    uint64_t from;
    uint64_t x;
    uint count;   // values, or keys, of a row
    uint columns; // of a row of x
    uint kept;
};

const uint GROUP = 256u;
const uint PIECE = 2048u;

layout(buffer_reference, std430, buffer_reference_align = 8) buffer Keys { uvec2 at[]; };

const uint OWN = PIECE / GROUP;
const uint FEW = 128u; // keys that are sorted fast, where fewer are kept

shared uvec2 keys[PIECE];
shared uint counts[2u * GROUP]; // of a subgroup; of two steps, so that one barrier parts them
shared uint found;

// The larger, the earlier the number of these bits comes: equal for both zeros, the largest for what is not a number, never 0.
uint rank(uint bits) {
    uint magnitude = bits & 0x7FFFFFFFu;
    if (magnitude > 0x7F800000u) {
        return 0xFFFFFFFFu;
    }
    return magnitude == 0u ? 0x80000000u : (bits & 0x80000000u) != 0u ? ~bits : bits | 0x80000000u;
}

bool before(uvec2 a, uvec2 b) {
    return a.x > b.x || a.x == b.x && a.y > b.y;
}

uvec2 load(uint row, uint i) {
    if (i >= count) {
        return uvec2(0u);
    }
    if (FIRST != 0u) {
        return uvec2(rank(Words(rowOf(x, row, columns)).at[i]), ~i);
    }
    return Keys(from).at[row * count + i];
}

// Leaves the first of all in keys[0].
void reduce() {
    for (uint half_ = PIECE / 2u; half_ > 0u; half_ /= 2u) {
        barrier();
        for (uint i = gl_LocalInvocationIndex; i < half_; i += GROUP) {
            if (before(keys[i + half_], keys[i])) {
                keys[i] = keys[i + half_];
            }
        }
    }
}

// Sorts the first `size` keys, a power of two.
void sort(uint size) {
    for (uint run = 2u; run <= size; run *= 2u) {
        for (uint distance = run / 2u; distance > 0u; distance /= 2u) {
            barrier();
            for (uint p = gl_LocalInvocationIndex; p < size / 2u; p += GROUP) {
                uint i = 2u * p - (p & distance - 1u);
                uint j = i + distance;
                bool falling = (i & run) == 0u;
                if (before(keys[j], keys[i]) == falling) {
                    uvec2 key = keys[i];
                    keys[i] = keys[j];
                    keys[j] = key;
                }
            }
        }
    }
}

// How many of the workgroup's keys have this rank or a higher one. All invocations call.
uint countFrom(uvec2 own[OWN], uint least, uint turn) {
    uint count = 0u;
    [[unroll]] for (uint k = 0u; k < OWN; k++) {
        count += own[k].x >= least ? 1u : 0u;
    }
    count = subgroupAdd(count);
    uint at = (turn & 1u) * GROUP;
    if (subgroupElect()) {
        counts[at + gl_SubgroupID] = count;
    }
    barrier();
    count = counts[at];
    for (uint i = 1u; i < gl_NumSubgroups; i++) {
        count += counts[at + i];
    }
    return count;
}

// Leaves in `keys` those of a rank that at least `kept` keys have or exceed, and at most `size`, and zeros behind them.
bool select(uvec2 own[OWN], uint size) {
    uint low = 0u;
    uint high = 0xFFFFFFFFu;
    uint most = PIECE;
    for (uint turn = 0u; most > size && low < high; turn++) {
        uint middle = low + (high - low - 1u) / 2u + 1u;
        uint count = countFrom(own, middle, turn);
        if (count >= kept) {
            low = middle;
            most = count;
        } else {
            high = middle - 1u;
        }
    }
    if (most > size) {
        return false;
    }
    for (uint i = gl_LocalInvocationIndex; i < size; i += GROUP) {
        keys[i] = uvec2(0u);
    }
    if (gl_LocalInvocationIndex == 0u) {
        found = 0u;
    }
    barrier();
    [[unroll]] for (uint k = 0u; k < OWN; k++) {
        if (own[k].x >= low) {
            keys[atomicAdd(found, 1u)] = own[k];
        }
    }
    return true;
}

// Leaves the first of all keys, in order.
void sortAll() {
    if (kept == 1u) {
        reduce();
        return;
    }
    uint size = 2u;
    while (size < kept || size < min(PIECE, count)) {
        size *= 2u;
    }
    sort(size);
}

void write(uint row, uint k, uvec2 key) {
    if (LAST == 0u) {
        Keys(out_).at[(row * gl_NumWorkGroups.x + gl_WorkGroupID.x) * kept + k] = key;
        return;
    }
    bool some = key.x != 0u;
    uint column = ~key.y;
    uint bits = 0xFF800000u; // −∞
    if (some) {
        bits = Words(rowOf(x, row, columns)).at[column];
    }
    Floats(rowOf(out_, row, 2u * kept)).at[k] = some ? float(column) : -1.0;
    Words(rowOf(out_, row, 2u * kept)).at[kept + k] = bits;
}

void main() {
    uint row = gl_WorkGroupID.y;
    uint first = gl_WorkGroupID.x * PIECE;
    uvec2 own[OWN];
    [[unroll]] for (uint k = 0u; k < OWN; k++) {
        own[k] = load(row, first + k * GROUP + gl_LocalInvocationIndex);
    }
    uint few = FEW;
    while (few < 2u * kept) {
        few *= 2u;
    }
    if (kept > 1u && few < PIECE && select(own, few)) {
        sort(few);
    } else {
        [[unroll]] for (uint k = 0u; k < OWN; k++) {
            keys[k * GROUP + gl_LocalInvocationIndex] = own[k];
        }
        sortAll();
    }
    barrier();
    for (uint k = gl_LocalInvocationIndex; k < kept; k += GROUP) {
        write(row, k, keys[k]);
    }
}
