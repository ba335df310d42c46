package dev.jinrai.safetensors;

import java.util.List;

/// One line of a file's table: a name and how to read the bytes that carry it.
///
/// @param shape in the order of PyTorch and of the file: the last extent is the length of a row, whose elements are neighbours
/// @param offset of the first byte, from the start of the file
/// @param byteSize the length of the data, in bytes
public record TensorEntry(String name, DType type, List<Long> shape, long offset, long byteSize) {
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /// The number of elements.
    public long elements() {
        return shape.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    }
}
