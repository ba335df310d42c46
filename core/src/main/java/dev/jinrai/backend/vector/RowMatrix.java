package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;

/// A matrix whose rows are multiplied as they lie in the file.
record RowMatrix(Tensor tensor, RowKernel kernel) implements TensorWeight {
    /// Decodes row `r` of a slice to `dst[to] …`.
    void decode(int slice, int r, float[] dst, int to) {
        kernel.decode(tensor.data(), tensor.offset(slice, r), tensor.columns(), dst, to);
    }
}
