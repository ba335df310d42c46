package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The register width, loads that depend on it, and horizontal sums in a fixed order.
///
/// `reduceLanes(ADD)` leaves the order of float additions open, and on HotSpot it differs between
/// interpreted and compiled code: the same call can return other bits once it is hot. Tokens must not
/// depend on warm-up, so kernels store their lanes and sum them here.
final class Lanes {
    /// The widest floats of this machine, up to 512 bits: wider registers are used in part.
    static final VectorSpecies<Float> FLOATS =
            switch (FloatVector.SPECIES_PREFERRED.vectorBitSize()) {
                case 128 -> FloatVector.SPECIES_128;
                case 256 -> FloatVector.SPECIES_256;
                default -> FloatVector.SPECIES_512;
            };

    /// Floats in a register, `L`: 4, 8 or 16.
    static final int COUNT = FLOATS.length();

    /// Integers of the same width.
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    private static final VectorSpecies<Byte> BYTES = FLOATS.withLanes(byte.class);

    private Lanes() {}

    /// {@return the `4 L` bytes at `offset`, four to a lane}
    static IntVector ints(MemorySegment src, long offset) {
        return IntVector.fromMemorySegment(INTS, src, offset, LITTLE_ENDIAN);
    }

    /// {@return the `4 L` bytes from `array[at]`, four to a lane}
    static IntVector ints(byte[] array, int at) {
        return ByteVector.fromArray(BYTES, array, at).reinterpretAsInts();
    }

    static void store(IntVector v, byte[] dst, int at) {
        v.reinterpretAsBytes().intoArray(dst, at);
    }

    /// {@return byte `j` of each lane, unsigned}
    static IntVector unsignedByte(IntVector v, int j) {
        IntVector shifted = j == 0 ? v : v.lanewise(LSHR, 8 * j);
        return j == 3 ? shifted : shifted.and(0xFF);
    }

    /// {@return byte `j` of each lane, signed}
    static IntVector signedByte(IntVector v, int j) {
        return (j == 3 ? v : v.lanewise(LSHL, 24 - 8 * j)).lanewise(ASHR, 24);
    }

    /// {@return the four bits `n` of each lane, counted from the lowest}
    static IntVector nibble(IntVector v, int n) {
        IntVector shifted = n == 0 ? v : v.lanewise(LSHR, 4 * n);
        return n == 7 ? shifted : shifted.and(0xF);
    }

    /// {@return the integers as floats}
    static FloatVector floats(IntVector v) {
        return (FloatVector) v.convert(VectorOperators.I2F, 0);
    }

    /// {@return the `L` floats from `array[at]`}
    static FloatVector load(float[] array, int at) {
        return FloatVector.fromArray(FLOATS, array, at);
    }

    static FloatVector splat(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }

    /// {@return the sum of the `L` values from `lanes[0]`, which are overwritten: the upper half is added
    /// to the lower until one is left}
    static float sum(float[] lanes) {
        for (int half = COUNT / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] += lanes[half + i];
            }
        }
        return lanes[0];
    }

    /// {@return the largest of the `L` values from `lanes[0]`, which are overwritten; NaN if one is NaN}
    static float largest(float[] lanes) {
        for (int half = COUNT / 2; half > 0; half /= 2) {
            for (int i = 0; i < half; i++) {
                lanes[i] = Math.max(lanes[i], lanes[half + i]);
            }
        }
        return lanes[0];
    }
}
