package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static dev.jinrai.backend.vector.Lanes.floats;
import static dev.jinrai.backend.vector.Lanes.ints;
import static dev.jinrai.backend.vector.Lanes.load;
import static dev.jinrai.backend.vector.Lanes.signedByte;
import static dev.jinrai.backend.vector.Lanes.store;
import static dev.jinrai.backend.vector.Lanes.unsignedByte;
import static dev.jinrai.backend.vector.Panel.GROUP;
import static dev.jinrai.backend.vector.Panel.ROWS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// What the formats' panel kernels share: loops over the bytes of a panel's rows.
///
/// Bytes with a few bits each are worked on four to a lane: no bit crosses into its neighbour where a
/// mask follows each shift.
final class PanelBytes {
    private PanelBytes() {}

    /// The pass that copies the scales of blocks of 32, an f16 each.
    static void header(MemorySegment src, int blocks, PanelScratch scratch) {
        copy(src, scratch.at(0), 2 * blocks, scratch.header);
    }

    /// The pass that brings copied scales of blocks of 32 to f32.
    static void scales(MemorySegment src, int blocks, PanelScratch scratch) {
        halves(scratch.header, 0, blocks, scratch.scales, 0);
    }

    /// Brings `n` f16 of all rows, one after the other, to `dst[i · 64 + r]`.
    static void halves(byte[] src, int at, int n, float[] dst, int to) {
        int i = to;
        for (int line = at; line < at + 2 * n * ROWS; line += 2 * ROWS) {
            for (int r = 0; r < ROWS; r += GROUP) {
                IntVector low = ints(src, line + r);
                IntVector high = ints(src, line + ROWS + r);
                half(low, high, 0).intoArray(dst, i + r);
                half(low, high, 1).intoArray(dst, i + r + COUNT);
                half(low, high, 2).intoArray(dst, i + r + 2 * COUNT);
                half(low, high, 3).intoArray(dst, i + r + 3 * COUNT);
            }
            i += ROWS;
        }
        for (i = to; i < to + n * ROWS; i += COUNT) {
            Halves.floats(load(dst, i).reinterpretAsInts()).intoArray(dst, i);
        }
    }

    /// {@return the bits of the f16 whose bytes are bytes `j` of two registers}
    private static FloatVector half(IntVector low, IntVector high, int j) {
        return unsignedByte(low, j)
                .or(unsignedByte(high, j).lanewise(LSHL, 8))
                .reinterpretAsFloats();
    }

    /// `dst[to + i · 64 + r] = factor[from + r] · (byte i of row r)`, signed, for `n` bytes of all rows.
    static void scaled(byte[] bytes, int at, int n, float[] factor, int from, float[] dst, int to) {
        for (int r = 0; r < ROWS; r += GROUP) {
            FloatVector a = load(factor, from + r);
            FloatVector b = load(factor, from + r + COUNT);
            FloatVector c = load(factor, from + r + 2 * COUNT);
            FloatVector d = load(factor, from + r + 3 * COUNT);
            for (int i = 0; i < n; i++) {
                IntVector v = ints(bytes, at + i * ROWS + r);
                int first = to + i * ROWS + r;
                floats(signedByte(v, 0)).mul(a).intoArray(dst, first);
                floats(signedByte(v, 1)).mul(b).intoArray(dst, first + COUNT);
                floats(signedByte(v, 2)).mul(c).intoArray(dst, first + 2 * COUNT);
                floats(signedByte(v, 3)).mul(d).intoArray(dst, first + 3 * COUNT);
            }
        }
    }

    /// Copies `n` lines.
    static void copy(MemorySegment src, long at, int n, byte[] dst) {
        MemorySegment.copy(src, ValueLayout.JAVA_BYTE, at, dst, 0, n * ROWS);
    }

    /// `n` bytes of all rows: the lower four bits to `low`, the upper four to `high`.
    static void nibbles(MemorySegment src, long at, int n, byte[] dst, int low, int high) {
        for (int i = 0; i < n * ROWS; i += 4 * COUNT) {
            IntVector v = ints(src, at + i);
            store(v.and(0x0F0F0F0F), dst, low + i);
            store(v.lanewise(LSHR, 4).and(0x0F0F0F0F), dst, high + i);
        }
    }
}
