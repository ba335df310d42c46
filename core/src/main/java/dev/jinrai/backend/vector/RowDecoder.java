package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.BYTES;
import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.FLOATS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/// Decodes runs of weights to f32, as [dev.jinrai.format.Format] defines it but several at a time.
///
/// There is one implementation for each format. Values may differ from the definition by the
/// rounding of a fused multiply-add, nothing more.
interface RowDecoder {
    /// Decodes `count` weights, a multiple of the block length, from byte `offset` of `src` to
    /// `dst[0] …`.
    void decode(MemorySegment src, long offset, float[] dst, int count);

    /// Stores `scale · code + shift` for the codes in `codes`, at `dst[at] …`.
    ///
    /// Written for [Lanes#BYTES]: one register of floats, or two where floats come in fours.
    static void store(ByteVector codes, FloatVector scale, FloatVector shift, float[] dst, int at) {
        for (int part = 0; part < BYTES.length() / COUNT; part++) {
            ((FloatVector) codes.castShape(FLOATS, part))
                    .fma(scale, shift)
                    .intoArray(dst, at + part * COUNT);
        }
    }

    static ByteVector load(MemorySegment src, long offset) {
        return ByteVector.fromMemorySegment(BYTES, src, offset, LITTLE_ENDIAN);
    }

    static FloatVector splat(float value) {
        return FloatVector.broadcast(FLOATS, value);
    }
}
