package dev.jinrai.quantize;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.LongStream;

/// # One tensor, from its type to another
///
/// Each row is decoded to f32 and encoded; one with a large weight is decoded once more to see that the
/// result is finite. Rows are independent: they are spread over the common pool, two rows of f32 per
/// thread, and the bytes do not depend on how.
public final class Quantizer {
    // Weights per task: a fraction of a millisecond for the fastest format.
    private static final int GRAIN = 1 << 15;

    /// Bits of 1024: no format has a scale that is not finite for weights up to here.
    private static final int CERTAINLY_FINITE = Float.floatToRawIntBits(1024);

    private Quantizer() {}

    /// Writes `tensor`, whose bytes are `src`, as `type` to `dst`. A tensor that has the type already
    /// is copied.
    ///
    /// @param src `tensor.byteSize()` bytes that any thread may read
    /// @param dst `type.byteSize(tensor.elements())` bytes that any thread may write
    /// @throws dev.jinrai.format.UnsupportedFormatException if this build lacks one of the types
    /// @throws QuantizationException if a weight is not finite, or not finite any more as `type`
    public static void quantize(
            TensorInfo tensor, MemorySegment src, GgmlType type, MemorySegment dst) {
        quantize(tensor, src, type, dst, Optional.empty());
    }

    /// The same with an importance matrix, which formats without a choice take no notice of.
    ///
    /// @param importance what an error of a column counts: finite and not negative, one for each column
    ///     and expert, those of an expert side by side (`extent(0) · extent(2)`)
    public static void quantize(
            TensorInfo tensor,
            MemorySegment src,
            GgmlType type,
            MemorySegment dst,
            float[] importance) {
        long wanted = tensor.extent(0) * tensor.extent(2);
        if (importance.length != wanted) {
            throw new IllegalArgumentException(
                    "%s: wanted the importance of %d columns, got %d"
                            .formatted(tensor.name(), wanted, importance.length));
        }
        for (float column : importance) {
            if (!(column >= 0 && column <= Float.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "%s: wanted importances that are finite and not negative, got %s"
                                .formatted(tensor.name(), column));
            }
        }
        quantize(tensor, src, type, dst, Optional.of(importance));
    }

    private static void quantize(
            TensorInfo tensor,
            MemorySegment src,
            GgmlType type,
            MemorySegment dst,
            Optional<float[]> importance) {
        check(tensor, tensor.type(), src);
        if (tensor.extent(0) % type.blockLength() != 0) {
            throw new IllegalArgumentException(
                    "%s: rows of %d do not divide into %s's blocks of %d"
                            .formatted(tensor.name(), tensor.extent(0), type, type.blockLength()));
        }
        check(tensor, type, dst);
        if (tensor.type() == type) {
            dst.copyFrom(src);
            return;
        }
        Rows rows =
                new Rows(
                        tensor,
                        Formats.of(tensor.type()),
                        src,
                        Formats.encodable(type),
                        dst,
                        importance);
        int columns = tensor.columns();
        long count = columns == 0 ? 0 : tensor.elements() / columns;
        long grain = Math.max(1, GRAIN / Math.max(1, columns));
        LongStream.range(0, Math.ceilDiv(count, grain))
                .parallel()
                .forEach(task -> rows.encode(task * grain, Math.min(count, (task + 1) * grain)));
    }

    private static void check(TensorInfo tensor, GgmlType type, MemorySegment bytes) {
        long size = type.byteSize(tensor.elements());
        if (bytes.byteSize() != size) {
            throw new IllegalArgumentException(
                    "%s: %s as %s takes %d bytes, got %d"
                            .formatted(
                                    tensor.name(), tensor.shape(), type, size, bytes.byteSize()));
        }
    }

    private record Rows(
            TensorInfo tensor,
            Format from,
            MemorySegment src,
            EncodableFormat to,
            MemorySegment dst,
            Optional<float[]> importance) {

        void encode(long first, long end) {
            int columns = tensor.columns();
            float[] row = new float[columns];
            float[] back = new float[columns];
            for (long r = first; r < end; r++) {
                from.decode(src, r * from.byteSize(columns), row, 0, columns);
                boolean certain = largest(row) <= CERTAINLY_FINITE;
                int bad = certain ? -1 : firstNotFinite(row);
                if (bad >= 0) {
                    throw failure(r, bad, "is " + row[bad] + ", wanted a finite weight");
                }
                long at = r * to.byteSize(columns);
                if (importance.isPresent()) {
                    int expert = Math.toIntExact(r / Math.max(1, tensor.extent(1)));
                    to.encode(row, 0, importance.get(), expert * columns, dst, at, columns);
                } else {
                    to.encode(row, 0, dst, at, columns);
                }
                if (certain) {
                    continue;
                }
                to.decode(dst, at, back, 0, columns);
                bad = firstNotFinite(back);
                if (bad >= 0) {
                    int extreme = extremeOfBlock(row, bad);
                    throw failure(
                            r,
                            extreme,
                            "is %s, too large for %s".formatted(row[extreme], to.type()));
                }
            }
        }

        private QuantizationException failure(long row, int column, String problem) {
            return new QuantizationException(
                    "%s: row %d, column %d %s".formatted(tensor.name(), row, column, problem));
        }

        private int extremeOfBlock(float[] row, int column) {
            int first = column - column % to.blockLength();
            int extreme = first;
            for (int c = first; c < first + to.blockLength(); c++) {
                if (Math.abs(row[c]) > Math.abs(row[extreme])) {
                    extreme = c;
                }
            }
            return extreme;
        }

        /// {@return the bits of the largest size, which are in the order of the sizes; those of NaN are last}
        private static int largest(float[] row) {
            int largest = 0;
            for (int c = 0; c < row.length; c++) {
                largest = Math.max(largest, Float.floatToRawIntBits(row[c]) & Integer.MAX_VALUE);
            }
            return largest;
        }

        private static int firstNotFinite(float[] row) {
            for (int c = 0; c < row.length; c++) {
                if (!Float.isFinite(row[c])) {
                    return c;
                }
            }
            return -1;
        }
    }
}
