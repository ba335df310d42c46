package dev.jinrai.backend.vector;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// What can be done with a format's rows, a register at a time: decode them to f32, for a product with many
/// tokens, or multiply them as they are with one.
///
/// Block formats take a pass that brings the scales and shifts of all sub-blocks to f32, and a flat one
/// over the codes: a loop of a few steps inside a loop over blocks costs twice the time, because its ends
/// are checked for every block. Decoded values may differ from [Format]'s by the rounding of a fused
/// multiply-add, nothing more. The loops of F32, F16 and BF16 differ in one load and are written out all the
/// same: a load passed in as a function is a call that C2 need not inline, and its vector then lives on the heap.
///
/// @param decode the passes that write the row's weights to `values`
/// @param multiply the passes that leave the product with `values`, summed lane by lane, in the lanes of
/// the scratch memory
record RowKernel(Passes decode, Passes multiply) {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// Passes in the order in which they run.
    static final class Passes {
        private final RowPass[] passes;

        private Passes(RowPass... passes) {
            this.passes = passes;
        }

        void run(
                MemorySegment src,
                long offset,
                float[] values,
                float[] sums,
                int count,
                float[] scratch) {
            RowPass.all(passes, src, offset, values, sums, count, scratch);
        }
    }

    static Passes passes(RowPass... passes) {
        return new Passes(passes);
    }

    /// {@return the most floats that a row of `count` weights needs room for: the lanes, a scale for
    /// every 16 or a scale and a shift for every 32, and what a register stores beyond}
    static int scratch(int count) {
        return RowPass.SCALES + count / 16 + 3 * 16;
    }

    /// {@return the kernel of `format`}
    static RowKernel of(Format format) {
        return switch (format) {
            case F32 _ -> F32Kernel.KERNEL;
            case F16 _ -> F16Kernel.KERNEL;
            case BF16 _ -> Bf16Kernel.KERNEL;
            case Q4_0 _ -> Q4_0Kernel.KERNEL;
            case Q8_0 _ -> Q8_0Kernel.KERNEL;
            case Q4_K _ -> Q4_KKernel.KERNEL;
            case Q5_K _ -> Q5_KKernel.KERNEL;
            case Q6_K _ -> Q6_KKernel.KERNEL;
        };
    }

    /// Puts the f16 that each block of `blockBytes` bytes begins with to `scratch[SCALES + block]`.
    static void scales(
            MemorySegment src, long offset, int blocks, int blockBytes, float[] scratch) {
        for (int block = 0; block < blocks; block++) {
            scratch[RowPass.SCALES + block] = f16(src, offset + (long) block * blockBytes);
        }
    }

    /// {@return the 16 bits at `offset`}
    static short bits(MemorySegment src, long offset) {
        return src.get(SHORT, offset);
    }

    /// {@return the f16 at `offset`}
    static float f16(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(SHORT, offset));
    }
}
