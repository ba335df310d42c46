package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Rows of a quantized matrix laid side by side, so that a register holds the same weight of many rows.
///
/// A panel is [#ROWS] rows of a matrix with their bytes interleaved: first the first byte of each row, then the
/// second of each, and so on. Nothing is decoded and nothing grows:
///
/// ```
/// byte b of a block:   r0 r1 r2 … r63     64 bytes, then those of byte b + 1
/// ```
///
/// Sums over a row never cross lanes then, and the scales of many rows are decoded at once. That is what
/// makes formats of a few bits a weight as fast as the memory; as they lie in a file, most of the
/// work would be to spread each block's few scales over its codes.
final class Panel {
    /// Rows of a panel; those that the last one lacks are zeros.
    static final int ROWS = 64;

    /// The size of a cache line; some machines have longer ones.
    private static final int LINE = 64;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private Panel() {}

    /// {@return how many panels `rows` rows make}
    static int count(int rows) {
        return Math.ceilDiv(rows, ROWS);
    }

    /// Brings `bytes` bytes into the caches, line by line.
    ///
    /// A long plain loop streams at nearly the speed of the memory. Products are loops of a few steps each and, for a reason
    /// that is not proved, stream much slower: with this before it, a product of Q8_0 from memory ran 1.8 times as fast.
    ///
    /// @return anything, so that the loads are not for nothing
    static int fetch(MemorySegment src, long at, long bytes) {
        int sum = 0;
        for (int line = 0; line < (int) (bytes / LINE); line++) {
            sum += src.get(BYTE, at + (long) line * LINE);
        }
        return sum;
    }

    /// Lays rows side by side.
    ///
    /// @param src the rows, one after the other
    /// @param rows how many there are, at most [#ROWS]
    /// @param dst receives [#ROWS] rows from byte `at`; zeros where rows are missing
    static void lay(
            MemorySegment src, long from, long rowBytes, int rows, MemorySegment dst, long at) {
        int whole = rows / 8 * 8;
        long squares = rowBytes / 8 * 8;
        for (long b = 0; b < squares; b += 8) {
            for (int r = 0; r < whole; r += 8) {
                laySquare(src, from + r * rowBytes + b, rowBytes, dst, at + b * ROWS + r);
            }
        }
        for (int r = 0; r < rows; r++) {
            for (long b = r < whole ? squares : 0; b < rowBytes; b++) {
                dst.set(BYTE, at + b * ROWS + r, src.get(BYTE, from + r * rowBytes + b));
            }
        }
    }

    /// Eight bytes of eight rows: a square of bytes is mirrored by swapping its quarters, then theirs, then theirs.
    private static void laySquare(
            MemorySegment src, long from, long rowBytes, MemorySegment dst, long at) {
        long a = src.get(LONG, from);
        long b = src.get(LONG, from + rowBytes);
        long c = src.get(LONG, from + 2 * rowBytes);
        long d = src.get(LONG, from + 3 * rowBytes);
        long e = src.get(LONG, from + 4 * rowBytes);
        long f = src.get(LONG, from + 5 * rowBytes);
        long g = src.get(LONG, from + 6 * rowBytes);
        long h = src.get(LONG, from + 7 * rowBytes);
        long t;
        t = (a >>> 32 ^ e) & 0xFFFFFFFFL;
        a ^= t << 32;
        e ^= t;
        t = (b >>> 32 ^ f) & 0xFFFFFFFFL;
        b ^= t << 32;
        f ^= t;
        t = (c >>> 32 ^ g) & 0xFFFFFFFFL;
        c ^= t << 32;
        g ^= t;
        t = (d >>> 32 ^ h) & 0xFFFFFFFFL;
        d ^= t << 32;
        h ^= t;
        t = (a >>> 16 ^ c) & 0x0000FFFF0000FFFFL;
        a ^= t << 16;
        c ^= t;
        t = (b >>> 16 ^ d) & 0x0000FFFF0000FFFFL;
        b ^= t << 16;
        d ^= t;
        t = (e >>> 16 ^ g) & 0x0000FFFF0000FFFFL;
        e ^= t << 16;
        g ^= t;
        t = (f >>> 16 ^ h) & 0x0000FFFF0000FFFFL;
        f ^= t << 16;
        h ^= t;
        t = (a >>> 8 ^ b) & 0x00FF00FF00FF00FFL;
        dst.set(LONG, at, a ^ t << 8);
        dst.set(LONG, at + ROWS, b ^ t);
        t = (c >>> 8 ^ d) & 0x00FF00FF00FF00FFL;
        dst.set(LONG, at + 2 * ROWS, c ^ t << 8);
        dst.set(LONG, at + 3 * ROWS, d ^ t);
        t = (e >>> 8 ^ f) & 0x00FF00FF00FF00FFL;
        dst.set(LONG, at + 4 * ROWS, e ^ t << 8);
        dst.set(LONG, at + 5 * ROWS, f ^ t);
        t = (g >>> 8 ^ h) & 0x00FF00FF00FF00FFL;
        dst.set(LONG, at + 6 * ROWS, g ^ t << 8);
        dst.set(LONG, at + 7 * ROWS, h ^ t);
    }
}
