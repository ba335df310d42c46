package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_0;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What the products of a [RowMatrix] need to know of a format without blocks.
///
/// The loops of F32, F16 and BF16 differ in one load and are written out all the same: a load passed in as a
/// function is a call that C2 need not inline, and its vector then lives on the heap.
interface RowKernel {
    /// Bits of a 16-bit weight.
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// Decodes `count` weights of the row at byte `offset` to `dst[to] …`.
    void decode(MemorySegment src, long offset, int count, float[] dst, int to);

    /// {@return `Σ_i w[i] · x[from + i]` over the `count` weights of the row at byte `offset`}
    ///
    /// @param lanes scratch for the lanes of a register
    float dot(MemorySegment src, long offset, int count, float[] x, int from, float[] lanes);

    /// {@return the kernel of a format whose rows are used as they lie in the file, or nothing}
    static Optional<RowKernel> of(Format format) {
        return switch (format) {
            case F32 _ -> Optional.of(new F32Kernel());
            case F16 _ -> Optional.of(new F16Kernel());
            case BF16 _ -> Optional.of(new Bf16Kernel());
            case Q4_0 _, Q8_0 _, Q4_K _, Q5_K _, Q6_K _ -> Optional.empty();
            case Q4_1 _, Q5_0 _, Q5_1 _, Q2_K _, Q3_K _, IQ4_NL _, MXFP4 _ -> Optional.empty();
        };
    }
}
