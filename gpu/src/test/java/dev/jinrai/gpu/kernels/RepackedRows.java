package dev.jinrai.gpu.kernels;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;

/// Rows as `repack` leaves them (`formats.glsl` draws them), by plain copies: the parts of all blocks together, each row padded
/// to sixteen bytes.
final class RepackedRows {
    private RepackedRows() {}

    /// {@return where the parts of a block begin and its last one ends, in the order in which they lie in a repacked row}
    private static int[][] parts(Format format) {
        return switch (format.type()) {
            case Q4_0 -> new int[][] {{2, 18}, {0, 2}};
            case Q8_0 -> new int[][] {{2, 34}, {0, 2}};
            case Q6_K -> new int[][] {{0, 128}, {128, 192}, {192, 208}, {208, 210}};
            default -> new int[][] {{0, format.blockBytes()}};
        };
    }

    static boolean changes(Format format) {
        return parts(format).length > 1;
    }

    static long pitch(Format format, int columns) {
        long bytes = format.byteSize(columns);
        return changes(format) ? (bytes + 15) / 16 * 16 : bytes;
    }

    static MemorySegment of(Format format, MemorySegment data, int rows, int columns) {
        long pitch = pitch(format, columns);
        long bytes = format.byteSize(columns);
        int blocks = columns / format.blockLength();
        MemorySegment result = MemorySegment.ofArray(new byte[Math.toIntExact(rows * pitch)]);
        for (int r = 0; r < rows; r++) {
            long to = r * pitch;
            for (int[] part : parts(format)) {
                int size = part[1] - part[0];
                for (int b = 0; b < blocks; b++, to += size) {
                    long from = r * bytes + (long) b * format.blockBytes() + part[0];
                    MemorySegment.copy(data, from, result, to, size);
                }
            }
        }
        return result;
    }
}
