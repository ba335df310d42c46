package dev.jinrai.backend.vector;

import static dev.jinrai.backend.vector.Lanes.COUNT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Rows of a quantized matrix laid side by side, so that a register holds the same weight of many rows.
///
/// A panel is [#ROWS] rows of a matrix with their bytes interleaved: first the first byte of each row, then the
/// second of each, and so on, section by section ([PanelSections]). Nothing is decoded and nothing grows.
///
/// The 64 bytes of one kind, a line, are worked on as 32-bit lanes. So that byte `j` of all lanes, shifted down, is
/// a register of neighbouring rows, neighbours lie four bytes apart; of registers with `L` lanes:
///
/// ```
/// line of byte b:   r0  rL  r2L  r3L   r1  rL+1  r2L+1  r3L+1   r2 …
/// ```
///
/// Sums over a row never cross lanes then, and the scales of many rows are decoded at once. As
/// blocks lie in a file, most of the work would be to spread each block's few scales over its codes.
final class Panel {
    /// Rows of a panel; those that the last one lacks are zeros.
    static final int ROWS = 64;

    /// Rows whose bytes are in one register: the four registers of floats that come of it are neighbours.
    static final int GROUP = 4 * COUNT;

    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

    private Panel() {}

    /// {@return how many panels `rows` rows make}
    static int count(int rows) {
        return Math.ceilDiv(rows, ROWS);
    }

    /// {@return the row whose byte is byte `place` of a line}
    private static int row(int place) {
        int inGroup = place % GROUP;
        return place - inGroup + inGroup % 4 * COUNT + inGroup / 4;
    }

    /// Lays rows side by side.
    ///
    /// @param src the rows; the first byte wanted of row `r` is at `from + r · rowBytes`
    /// @param bytes how many bytes of each row are wanted
    /// @param rows how many rows there are, at most [#ROWS]
    /// @param dst receives the bytes of [#ROWS] rows from byte `at`; nothing where rows are missing
    static void lay(
            MemorySegment src,
            long from,
            long rowBytes,
            int bytes,
            int rows,
            MemorySegment dst,
            long at) {
        int squares = bytes / 8 * 8;
        for (int place = 0; place < ROWS; place += 8) {
            boolean whole = row(place + 7) < rows;
            for (int b = 0; b < squares && whole; b += 8) {
                long first = from + row(place) * rowBytes + b;
                laySquare(src, first, rowBytes, dst, at + (long) b * ROWS + place);
            }
            for (int p = place; p < place + 8; p++) {
                if (row(p) < rows) {
                    long first = from + row(p) * rowBytes;
                    for (int b = whole ? squares : 0; b < bytes; b++) {
                        dst.set(BYTE, at + (long) b * ROWS + p, src.get(BYTE, first + b));
                    }
                }
            }
        }
    }

    /// Eight bytes of the rows of two lanes: a square of bytes is mirrored by swapping its quarters, then theirs, then theirs.
    private static void laySquare(
            MemorySegment src, long from, long rowBytes, MemorySegment dst, long at) {
        long register = COUNT * rowBytes;
        long a = src.get(LONG, from);
        long b = src.get(LONG, from + register);
        long c = src.get(LONG, from + 2 * register);
        long d = src.get(LONG, from + 3 * register);
        long e = src.get(LONG, from + rowBytes);
        long f = src.get(LONG, from + register + rowBytes);
        long g = src.get(LONG, from + 2 * register + rowBytes);
        long h = src.get(LONG, from + 3 * register + rowBytes);
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
