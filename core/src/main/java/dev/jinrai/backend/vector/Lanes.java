package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The register width, loads that depend on it, and horizontal sums in a fixed order.
///
/// `reduceLanes(ADD)` leaves the order of float additions open, and on HotSpot it differs between
/// interpreted and compiled code: the same call can return other bits once it is hot. Tokens must not
/// depend on warm-up, so kernels sum their lanes here.
final class Lanes {
    /// The widest floats of this machine.
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    /// Floats in a register, `L`: 4, 8 or 16.
    static final int COUNT = FLOATS.length();

    /// Integers of the same width.
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /// As many bytes as there are floats. The API has no species of four bytes: [#bytes].
    private static final VectorSpecies<Byte> BYTES =
            COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final VectorSpecies<Float> F256 = FloatVector.SPECIES_256;
    private static final VectorSpecies<Float> F128 = FloatVector.SPECIES_128;

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// The shifts that bring each byte of an int down.
    private static final IntVector BYTE_SHIFTS = IntVector.zero(INTS).addIndex(8);

    private Lanes() {}

    /// {@return the `L` bytes at `offset`, unsigned, one in each lane}
    static IntVector bytes(MemorySegment src, long offset) {
        if (COUNT == 4) {
            return IntVector.broadcast(INTS, src.get(INT, offset))
                    .lanewise(VectorOperators.LSHR, BYTE_SHIFTS)
                    .and(0xFF);
        }
        return (IntVector)
                ByteVector.fromMemorySegment(BYTES, src, offset, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
    }

    /// {@return the `L` bytes at `offset`, signed, one in each lane}
    static IntVector signedBytes(MemorySegment src, long offset) {
        if (COUNT == 4) {
            return bytes(src, offset)
                    .lanewise(VectorOperators.LSHL, 24)
                    .lanewise(VectorOperators.ASHR, 24);
        }
        return (IntVector)
                ByteVector.fromMemorySegment(BYTES, src, offset, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.B2I, INTS, 0);
    }

    /// {@return the integers as floats}
    static FloatVector floats(IntVector v) {
        return (FloatVector) v.convert(VectorOperators.I2F, 0);
    }

    static FloatVector splat(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    /// {@return the sum of `v`'s lanes: the upper half folded onto the lower until four are left}
    static float sum(FloatVector v) {
        FloatVector w = v.length() == 16 ? fold(v, F256) : v;
        FloatVector x = w.length() == 8 ? fold(w, F128) : w;
        return (x.lane(0) + x.lane(2)) + (x.lane(1) + x.lane(3));
    }

    private static FloatVector fold(FloatVector v, VectorSpecies<Float> half) {
        return ((FloatVector) v.castShape(half, 0)).add((FloatVector) v.castShape(half, 1));
    }
}
