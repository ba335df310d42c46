package dev.jinrai.huggingface;

import dev.jinrai.format.BF16;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.safetensors.DType;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;

/// A matrix or a vector as it lies in a file of the directory.
///
/// @param name in the file
/// @param rows 1 for a vector
/// @param vector whether it has one dimension
/// @param format of its bytes; empty for F8
/// @param data exactly its bytes
/// @param scale of F8
record StoredTensor(
        String name,
        int rows,
        int columns,
        boolean vector,
        Optional<EncodableFormat> format,
        MemorySegment data,
        Optional<F8Scale> scale) {
    // Weights per task: a fraction of a millisecond.
    private static final int GRAIN = 1 << 15;

    /// {@return the format in which it is run}
    ///
    /// A matrix runs as it lies there. F8 runs as BF16, which has room for its exponents and more than its digits. A vector, a norm's, is
    /// F32, as in a GGUF file.
    EncodableFormat running() {
        return vector ? new F32() : format.orElseGet(BF16::new);
    }

    /// Whether its bytes are what is run.
    boolean runsInPlace() {
        return format.isPresent() && format.get().type() == running().type();
    }

    /// Decodes a row to `weights[0] …`.
    void row(int row, float[] weights) {
        if (format.isPresent()) {
            format.get().decode(data, row * format.get().byteSize(columns), weights, 0, columns);
        } else {
            F8E4M3.decode(data, (long) row * columns, weights, columns);
            scale.orElseThrow().apply(row, weights, columns);
        }
    }

    /// Encodes all rows to byte `offset` of `dst` and on; the bytes do not depend on how many threads do it.
    ///
    /// @param order the row that stands at each place
    void encode(EncodableFormat as, RowOrder order, MemorySegment dst, long offset) {
        long rowBytes = as.byteSize(columns);
        if (format.isPresent() && format.get().type() == as.type()) {
            for (int r = 0; r < rows; r++) {
                long from = order.row(r) * rowBytes;
                MemorySegment.copy(data, from, dst, offset + r * rowBytes, rowBytes);
            }
            return;
        }
        int grain = Math.max(1, GRAIN / columns);
        IntStream.range(0, Math.ceilDiv(rows, grain))
                .parallel()
                .forEach(task -> {
                    float[] weights = new float[columns];
                    for (int r = task * grain; r < Math.min(rows, (task + 1) * grain); r++) {
                        row(order.row(r), weights);
                        as.encode(weights, 0, dst, offset + r * rowBytes, columns);
                    }
                });
    }

    /// {@return the format of a type of safetensors; empty if it is none}
    static Optional<EncodableFormat> format(DType type) {
        return switch (type) {
            case F32 -> Optional.of(new F32());
            case F16 -> Optional.of(new F16());
            case BF16 -> Optional.of(new BF16());
            default -> Optional.empty();
        };
    }
}
