package dev.jinrai.backend.vector;

import java.lang.foreign.MemorySegment;

/// A [RowKernel] that multiplies a row while it decodes it: of a format without blocks.
interface DotKernel extends RowKernel {
    /// {@return `Σ_i w[i] · x[from + i]` over the `count` weights of the row at byte `offset`}
    ///
    /// @param lanes scratch for the lanes of a register
    float dot(MemorySegment src, long offset, int count, float[] x, int from, float[] lanes);
}
