package dev.jinrai.backend.vector;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/// The register width, and horizontal sums in a fixed order.
///
/// `reduceLanes(ADD)` leaves the order of float additions open, and on HotSpot it differs between
/// interpreted and compiled code: the same call can return other bits once it is hot. Tokens must not
/// depend on warm-up, so kernels sum their lanes here.
final class Lanes {
    /// The widest floats of this machine.
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    /// Floats in a register, `L`: 4, 8 or 16.
    static final int COUNT = FLOATS.length();

    /// As many bytes as there are floats, or the eight that are the fewest the API has.
    static final VectorSpecies<Byte> BYTES =
            COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final VectorSpecies<Float> F256 = FloatVector.SPECIES_256;
    private static final VectorSpecies<Float> F128 = FloatVector.SPECIES_128;

    private Lanes() {}

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
