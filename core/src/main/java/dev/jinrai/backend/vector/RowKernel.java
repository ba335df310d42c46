package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ1_M;
import dev.jinrai.format.IQ1_S;
import dev.jinrai.format.IQ2_S;
import dev.jinrai.format.IQ2_XS;
import dev.jinrai.format.IQ2_XXS;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.IQ3_XXS;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.IQ4_XS;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.NVFP4;
import dev.jinrai.format.Q1_0;
import dev.jinrai.format.Q2_0;
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
import dev.jinrai.format.Q8_K;
import dev.jinrai.format.TQ1_0;
import dev.jinrai.format.TQ2_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// What the products of a [RowMatrix] need to know of a format: those without blocks are [DotKernel]s, others [BlockKernel]s.
///
/// The loops of F32, F16 and BF16 differ in one load and are written out all the same: a load passed in as a
/// function is a call that C2 need not inline, and its vector then lives on the heap.
interface RowKernel {
    /// Bits of a 16-bit weight.
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// Decodes `count` weights of the row at byte `offset` to `dst[to] …`.
    void decode(MemorySegment src, long offset, int count, float[] dst, int to);

    /// {@return the kernel of a format whose rows are used as they lie in the file, or nothing}
    static Optional<RowKernel> of(Format format) {
        return switch (format) {
            case F32 _ -> Optional.of(new F32Kernel());
            case F16 _ -> Optional.of(new F16Kernel());
            case BF16 _ -> Optional.of(new Bf16Kernel());
            case Q4_1 _,
                    Q5_0 _,
                    Q5_1 _,
                    Q2_K _,
                    Q3_K _,
                    IQ4_NL _,
                    IQ4_XS _,
                    MXFP4 _,
                    Q4_0 _,
                    Q8_0 _,
                    Q4_K _,
                    Q5_K _,
                    Q6_K _ ->
                    Optional.empty();
            case Q8_K _,
                    NVFP4 _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    TQ1_0 _,
                    TQ2_0 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    Optional.of(new BlockKernel(format));
        };
    }
}
