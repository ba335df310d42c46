package dev.jinrai.backend.vector;

import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.TensorWeight;

/// A weight stays in its file; its kernel is chosen once.
record VectorWeight(Tensor tensor, RowKernel kernel) implements TensorWeight {
    private static final float[] NONE = {};

    /// Decodes a row to row `to` of the scratch memory ([Scratch#row]).
    void decode(int slice, int row, Scratch scratch, int to) {
        int count = tensor.columns();
        kernel.decode()
                .run(
                        tensor.data(),
                        tensor.offset(slice, row),
                        scratch.row(to, count),
                        NONE,
                        count,
                        scratch.scales(RowKernel.scratch(count)));
    }

    /// {@return the product of a row of the first slice with `x`, `[columns]`}
    ///
    /// @param sums of each 32 values of `x`
    /// @param scales scratch of [RowKernel#scratch] floats
    float dot(int row, float[] x, float[] sums, float[] scales) {
        kernel.multiply()
                .run(tensor.data(), tensor.offset(0, row), x, sums, tensor.columns(), scales);
        return Lanes.sum(scales);
    }
}
