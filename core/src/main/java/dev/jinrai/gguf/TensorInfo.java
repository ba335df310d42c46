package dev.jinrai.gguf;

import dev.jinrai.format.GgmlType;
import java.util.List;

/// One line of the tensor table: a name and how to read the bytes that carry it.
///
/// The shape is in GGUF order: the first extent is the length of a row, whose elements are
/// neighbours. A weight matrix therefore has [#columns()] = `shape[0]` inputs and [#rows()] =
/// `shape[1]` outputs, for every type, and is never transposed.
///
/// @param shape at most four extents; none is a scalar, and an extent of 0 an empty tensor
/// @param offset of the first byte, from the start of the file
public record TensorInfo(String name, GgmlType type, List<Long> shape, long offset) {
    /// Extents a tensor can have (`GGML_MAX_DIMS`).
    public static final int MAX_DIMENSIONS = 4;

    /// @throws IllegalArgumentException if no tensor can have this shape in this type
    public TensorInfo {
        shape = List.copyOf(shape);
        if (shape.size() > MAX_DIMENSIONS) {
            throw new IllegalArgumentException(
                    "%d dimensions, at most %d are possible"
                            .formatted(shape.size(), MAX_DIMENSIONS));
        }
        for (long extent : shape) {
            if (extent < 0) {
                throw new IllegalArgumentException(
                        "an extent of %s".formatted(Long.toUnsignedString(extent)));
            }
        }
        long columns = shape.isEmpty() ? 1 : shape.getFirst();
        if (columns % type.blockLength() != 0) {
            throw new IllegalArgumentException(
                    "rows of %d elements, %s needs a multiple of %d"
                            .formatted(columns, type, type.blockLength()));
        }
        try {
            type.byteSize(product(shape));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "shape %s of %s is longer than 2^63 bytes".formatted(shape, type), e);
        }
    }

    /// The number of elements.
    public long elements() {
        return product(shape);
    }

    /// The length of the data, in bytes.
    public long byteSize() {
        return type.byteSize(elements());
    }

    /// {@return the extent of a dimension, 1 for those the shape leaves out}
    public long extent(int dimension) {
        return dimension < shape.size() ? shape.get(dimension) : 1;
    }

    /// The length of a row, `ne[0]`: the inputs of a weight matrix.
    ///
    /// @throws ArithmeticException if it does not fit an `int`
    public int columns() {
        return int32(extent(0));
    }

    /// The rows of a matrix, `ne[1]`: the outputs of a weight matrix. Where experts are stacked,
    /// `extent(2)` counts the matrices.
    ///
    /// @throws ArithmeticException if it does not fit an `int`
    public int rows() {
        return int32(extent(1));
    }

    private int int32(long extent) {
        if (extent > Integer.MAX_VALUE) {
            throw new ArithmeticException(
                    "tensor %s: extent %d of %s does not fit 32 bits"
                            .formatted(Quote.quote(name), extent, shape));
        }
        return (int) extent;
    }

    private static long product(List<Long> shape) {
        if (shape.contains(0L)) {
            return 0; // whatever the other extents are, their product never overflows
        }
        long product = 1;
        for (long extent : shape) {
            product = Math.multiplyExact(product, extent);
        }
        return product;
    }
}
