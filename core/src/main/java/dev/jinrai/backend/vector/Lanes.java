package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// The species of the register width ([Registers]), and loads that depend on it.
final class Lanes {
    /// The widest floats of this machine, up to 512 bits.
    static final VectorSpecies<Float> FLOATS =
            switch (Registers.BITS) {
                case 128 -> FloatVector.SPECIES_128;
                case 256 -> FloatVector.SPECIES_256;
                default -> FloatVector.SPECIES_512;
            };

    /// Floats in a register, `L`: 4, 8 or 16.
    static final int COUNT = Registers.COUNT;

    /// Integers of the same width.
    static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);

    /// Shorts of the same width.
    static final VectorSpecies<Short> SHORTS = FLOATS.withLanes(short.class);

    /// Bytes of the same width.
    static final VectorSpecies<Byte> BYTES = FLOATS.withLanes(byte.class);

    private Lanes() {}

    /// {@return the `4 L` bytes at `offset`, four to a lane}
    static IntVector ints(MemorySegment src, long offset) {
        return IntVector.fromMemorySegment(INTS, src, offset, LITTLE_ENDIAN);
    }

    /// {@return the `4 L` bytes at `offset`, two to a lane}
    static ShortVector shorts(MemorySegment src, long offset) {
        return ShortVector.fromMemorySegment(SHORTS, src, offset, LITTLE_ENDIAN);
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
}
