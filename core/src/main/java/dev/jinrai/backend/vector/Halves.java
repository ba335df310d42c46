package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Loads of 16-bit values, as many as there are floats in a register.
final class Halves {
    /// As many 16-bit lanes as there are floats in a register.
    static final VectorSpecies<Short> SHORTS =
            switch (COUNT) {
                case 16 -> ShortVector.SPECIES_256;
                case 8 -> ShortVector.SPECIES_128;
                default -> ShortVector.SPECIES_64;
            };

    private static final float REBIAS = 0x1p112f;
    private static final int INFINITY = 0x7C00 << 13;

    /// Sign, exponent and fraction of an f16 that was extended with its sign and shifted by 13.
    private static final int PLACES = 0x8FFFE000;

    private static final int EXPONENT_ONE = 1 << 23;

    /// The bit above the exponent of [#placed].
    static final int OVERFLOW = 1 << 28;

    private Halves() {}

    /// {@return f16 values, given in the lower half of each lane, as f32}
    ///
    /// Shifts exponent and fraction into place and multiplies by 2¹¹², the difference of the exponents'
    /// biases. Subnormals come out right; infinities and NaNs get their exponent after.
    static FloatVector floats(IntVector half) {
        IntVector magnitude = half.and(0x7FFF).lanewise(LSHL, 13);
        IntVector scaled = magnitude.reinterpretAsFloats().mul(REBIAS).reinterpretAsInts();
        return scaled.blend(scaled.or(0x7F800000), magnitude.compare(GE, INFINITY))
                .or(half.and(0x8000).lanewise(LSHL, 16))
                .reinterpretAsFloats();
    }

    /// {@return the bits of the `L` f16 values at `offset` in their places of an f32: what [#finite] takes}
    static IntVector placed(MemorySegment src, long offset) {
        IntVector signed =
                (IntVector)
                        ShortVector.fromMemorySegment(SHORTS, src, offset, LITTLE_ENDIAN)
                                .convertShape(VectorOperators.S2I, INTS, 0);
        return signed.lanewise(LSHL, 13).and(PLACES);
    }

    /// {@return f16 values as f32, if they are finite; subnormals come out right}
    static FloatVector finite(IntVector placed) {
        return placed.reinterpretAsFloats().mul(REBIAS);
    }

    /// {@return bits among which [#OVERFLOW] is if the value is infinite or NaN: its exponent is the largest, and 1 carries}
    static IntVector overflow(IntVector placed) {
        return placed.add(EXPONENT_ONE);
    }

    /// {@return the `L` 16-bit values at `offset`, unsigned, one in each lane}
    static IntVector load(MemorySegment src, long offset) {
        return (IntVector)
                ShortVector.fromMemorySegment(SHORTS, src, offset, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }
}
