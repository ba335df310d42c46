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
                MXFP4 {

    /// Encodes `src[at] … src[at + blockLength - 1]` to the block at byte `offset` of `dst`, every
    /// weight as important as its size makes it.
    ///
    /// The weights are finite; [F32], [F16] and [BF16] also keep infinities and NaNs.
    void encodeBlock(float[] src, int at, MemorySegment dst, long offset);

    /// Encodes `src[at] …`, `count` weights, a multiple of the block length, to byte `offset` of
    /// `dst` and on.
    default void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += blockLength()) {
            encodeBlock(src, at + i, dst, offset);
            offset += blockBytes();
        }
    }
}
