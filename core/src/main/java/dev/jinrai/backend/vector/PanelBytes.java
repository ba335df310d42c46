package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.bytes;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedBytes;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// What the formats' panel kernels share: loops over the bytes of a panel's rows.
///
/// Bytes with a few bits each are worked on four to a lane: no bit crosses into its neighbour where a
/// mask follows each shift.
final class PanelBytes {
    private PanelBytes() {}

    /// Brings the f16 at byte `at` of each row to `dst[to + r]`.
    static void halves(MemorySegment src, long at, float[] dst, int to) {
        for (int r = 0; r < ROWS; r += COUNT) {
            halves(src, at + r).intoArray(dst, to + r);
        }
    }

    /// {@return the f16 whose bytes are at `at` and a row of bytes on, of `L` rows}
    static FloatVector halves(MemorySegment src, long at) {
        IntVector low = bytes(src, at);
        IntVector high = bytes(src, at + ROWS);
        return Halves.floats(low.or(high.lanewise(LSHL, 8)));
    }

    /// `dst[to + i] = factor[from + r] · bytes[at + i]`, signed, for `n` times the bytes of all rows.
    static void scaled(byte[] bytes, int at, int n, float[] factor, int from, float[] dst, int to) {
        for (int r = 0; r < ROWS; r += COUNT) {
            FloatVector f = load(factor, from + r);
            for (int i = 0; i < n; i++) {
                floats(signedBytes(bytes, at + i * ROWS + r))
                        .mul(f)
                        .intoArray(dst, to + i * ROWS + r);
            }
        }
    }

    /// `n` bytes of all rows: the lower four bits to `low`, the upper four to `high`.
    static void nibbles(MemorySegment src, long at, int n, byte[] dst, int low, int high) {
        for (int i = 0; i < n * ROWS; i += 4 * COUNT) {
            IntVector v = ints(src, at + i);
            store(v.and(0x0F0F0F0F), dst, low + i);
            store(v.lanewise(LSHR, 4).and(0x0F0F0F0F), dst, high + i);
        }
    }

    /// {@return `4 L` bytes, four to a lane}
    static IntVector ints(MemorySegment src, long at) {
        return IntVector.fromMemorySegment(Lanes.INTS, src, at, LITTLE_ENDIAN);
    }

    static void store(IntVector v, byte[] dst, int at) {
        v.reinterpretAsBytes().intoArray(dst, at);
    }
}
