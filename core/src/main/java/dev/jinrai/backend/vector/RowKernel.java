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

/// What a format's rows can do, a register at a time: be decoded to f32, for a product with many tokens,
/// and be multiplied as they are with one.
///
/// Block formats take two loops over a row: one that brings the scales and shifts of all sub-blocks
/// to f32, and a flat one over the codes. The flat loop is what C2 compiles well: a loop of a few
/// steps inside the loop over blocks costs twice the time, because its ends are checked for every
/// block. Decoded values may differ from [Format]'s by the rounding of a fused multiply-add, nothing
/// more.
interface RowKernel {
    ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);

    /// Decodes `count` weights, a multiple of the block length, from byte `offset` of `src` to
    /// `dst[0] …`.
    ///
    /// @param scratch room for [#scratch] floats
    void decode(MemorySegment src, long offset, float[] dst, int count, float[] scratch);

    /// {@return `Σ_c w[c] · x[c]` over the row at byte `offset` of `src`}
    ///
    /// @param sums of each 32 values of `x`
    float dot(MemorySegment src, long offset, float[] x, float[] sums, int count, float[] scratch);

    /// {@return the most floats that a row of `count` weights needs room for: a scale for every 16 or a
    /// scale and a shift for every 32, and what a register stores beyond}
    static int scratch(int count) {
        return count / 16 + 3 * 16;
    }

    /// {@return the kernel of `format`}
    static RowKernel of(Format format) {
        return switch (format) {
            case F32 _ -> new F32Kernel();
            case F16 _ -> new F16Kernel();
            case BF16 _ -> new Bf16Kernel();
            case Q4_0 _ -> new Q4_0Kernel();
            case Q8_0 _ -> new Q8_0Kernel();
            case Q4_K _ -> new Q4_KKernel();
            case Q5_K _ -> new Q5_KKernel();
            case Q6_K _ -> new Q6_KKernel();
        };
    }

    /// {@return the f16 at `offset`}
    static float f16(MemorySegment src, long offset) {
        return Float.float16ToFloat(src.get(SHORT, offset));
    }
}
