package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// How weights lie in bytes: blocks of [#blockLength()] weights in [#blockBytes()] bytes.
///
/// The hierarchy is sealed and backends switch over it without `default`, so that a new format is a
/// compile error wherever somebody has to decide how to multiply with it. Every format decodes; those that
/// are also written are [EncodableFormat]s.
public sealed interface Format
        permits EncodableFormat,
                Q8_K,
                IQ1_S,
                IQ1_M,
                IQ2_XXS,
                IQ2_XS,
                IQ2_S,
                IQ3_XXS,
                IQ3_S,
                TQ1_0,
                TQ2_0,
                NVFP4,
                Q1_0,
                Q2_0 {

    /// {@return the number and block shape ggml gives this format}
    GgmlType type();

    /// Decodes the block at byte `offset` of `src` to `dst[at] … dst[at + blockLength - 1]`.
    void decodeBlock(MemorySegment src, long offset, float[] dst, int at);

    /// {@return how many weights a block holds}
    default int blockLength() {
        return type().blockLength();
    }

    /// {@return the size of a block, in bytes}
    default int blockBytes() {
        return type().blockBytes();
    }

    /// {@return the size of `count` weights, in bytes; `count` is a multiple of the block length}
    default long byteSize(long count) {
        return type().byteSize(count);
    }

    /// Decodes `count` weights, a multiple of the block length, from byte `offset` of `src` to
    /// `dst[at] …`.
    default void decode(MemorySegment src, long offset, float[] dst, int at, int count) {
        for (int i = 0; i < count; i += blockLength()) {
            decodeBlock(src, offset, dst, at + i);
            offset += blockBytes();
        }
    }
}
