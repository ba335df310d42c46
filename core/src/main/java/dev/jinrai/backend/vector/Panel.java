package dev.jinrai.backend.vector;

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

    private Panel() {}

    /// {@return how many panels `rows` rows make}
    static int count(int rows) {
        return Math.ceilDiv(rows, ROWS);
    }

    /// Brings `bytes` bytes into the caches, line by line.
    ///
    /// In a plain loop the CPU sees what comes next and fetches it ahead, at the speed of the memory. Products are
    /// loops of a few steps each, at whose ends it loses track, and would wait for every line: they ran
    /// at a third of the memory's speed without this.
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
        byte[] line = new byte[ROWS];
        for (long b = 0; b < rowBytes; b++) {
            for (int r = 0; r < rows; r++) {
                line[r] = src.get(BYTE, from + r * rowBytes + b);
            }
            MemorySegment.copy(line, 0, dst, BYTE, at + b * ROWS, ROWS);
        }
    }
}
