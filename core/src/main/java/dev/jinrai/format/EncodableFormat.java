package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// A [Format] that weights can also be written in.
///
/// The bytes are those of ggml's `ggml_quantize_chunk`, which is what its file tools write.
public sealed interface EncodableFormat extends Format
        permits F32,
                F16,
                BF16,
                Q4_0,
                Q4_1,
                Q5_0,
                Q5_1,
                Q8_0,
                Q2_K,
                Q3_K,
                Q4_K,
                Q5_K,
                Q6_K,
                IQ4_NL,
                IQ4_XS,
                MXFP4 {

    /// Encodes `src[at] …`, `count` weights, a multiple of the block length, to byte `offset` of
    /// `dst` and on, without an importance matrix: a weight is as important as its size makes it.
    ///
    /// The weights are finite; [F32], [F16] and [BF16] also keep infinities and NaNs.
    void encode(float[] src, int at, MemorySegment dst, long offset, int count);

    /// Encodes a row of `count` weights, `src[at] …`, where column `i` has the importance
    /// `importance[from + i]`: finite, not negative, on any scale.
    ///
    /// What is made small is the sum of squared errors times importance, with some weight of their own
    /// for large weights; [Q4_0], [Q4_1], [Q5_0] and [Q5_1] measure large by the whole row. [F32], [F16],
    /// [BF16], [Q8_0] and [MXFP4] have nothing to choose and take no notice.
    default void encode(
            float[] src,
            int at,
            float[] importance,
            int from,
            MemorySegment dst,
            long offset,
            int count) {
        encode(src, at, dst, offset, count);
    }

    /// Encodes `src[at] … src[at + blockLength - 1]` to the block at byte `offset` of `dst`.
    default void encodeBlock(float[] src, int at, MemorySegment dst, long offset) {
        encode(src, at, dst, offset, blockLength());
    }
}
