package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.INTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Loads of 16-bit values, as many as there are floats in a register.
final class Halves {
    private static final VectorSpecies<Short> SHORTS =
            switch (COUNT) {
                case 16 -> ShortVector.SPECIES_256;
                case 8 -> ShortVector.SPECIES_128;
                default -> ShortVector.SPECIES_64;
            };

    private Halves() {}

    /// {@return the `L` 16-bit values at `offset`, unsigned, one in each lane}
    static IntVector load(MemorySegment src, long offset) {
        return (IntVector)
                ShortVector.fromMemorySegment(SHORTS, src, offset, LITTLE_ENDIAN)
                        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    }
}
