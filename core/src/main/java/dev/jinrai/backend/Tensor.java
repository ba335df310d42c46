package dev.jinrai.backend;

import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;

/// A weight as it lies in its file: `slices` matrices of `rows × columns`, row-major, row after row.
///
/// `rows` is GGUF's `ne[1]` (outputs) and `columns` its `ne[0]` (inputs), for every format alike; a
/// vector has one row. A mixture of experts stores one slice per expert.
///
/// @param name the tensor's name as in a GGUF file
/// @param data exactly the tensor's bytes
public record Tensor(
        String name, Format format, int slices, int rows, int columns, MemorySegment data) {

    public Tensor {
        long wanted = format.byteSize(columns) * rows * slices;
        if (columns % format.blockLength() != 0 || data.byteSize() != wanted) {
            throw new IllegalArgumentException(
                    "%s: %d×%d×%d %s needs %d bytes, got %d"
                            .formatted(
                                    name,
                                    slices,
                                    rows,
                                    columns,
                                    format.type(),
                                    wanted,
                                    data.byteSize()));
        }
    }

    /// {@return the size of one row, in bytes}
    public long rowBytes() {
        return format.byteSize(columns);
    }

    /// {@return where `row` of `slice` starts in [#data()], in bytes}
    public long offset(int slice, int row) {
        return ((long) slice * rows + row) * rowBytes();
    }
}
