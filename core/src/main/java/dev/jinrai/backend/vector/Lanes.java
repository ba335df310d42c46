package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

    /// As many bytes as there are floats. The API has no species of four bytes: [#bytes].
    private static final VectorSpecies<Byte> BYTES =
            COUNT == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// The shifts that bring each byte of an int down.
    private static final IntVector BYTE_SHIFTS = IntVector.zero(INTS).addIndex(8);

    private static final VarHandle INTS_OF_BYTES =
            MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);

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

    /// {@return the `L` bytes from `array[at]`, signed, one in each lane}
    static IntVector signedBytes(byte[] array, int at) {
        if (COUNT == 4) {
            int four = (int) INTS_OF_BYTES.get(array, at);
            return IntVector.broadcast(INTS, four)
                    .lanewise(VectorOperators.LSHR, BYTE_SHIFTS)
                    .lanewise(VectorOperators.LSHL, 24)
                    .lanewise(VectorOperators.ASHR, 24);
        }
        return (IntVector)
                ByteVector.fromArray(BYTES, array, at).convertShape(VectorOperators.B2I, INTS, 0);
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
