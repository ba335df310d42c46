package dev.jinrai.format;

import java.lang.foreign.MemorySegment;

/// How weights lie in bytes: blocks of [#blockLength()] weights in [#blockBytes()] bytes.
///
/// The hierarchy is sealed and backends switch over it without `default`, so that a new format is a
/// compile error wherever somebody has to decide how to multiply with it.
public sealed interface Format permits F32, F16, BF16, Q4_0, Q8_0, Q4_K, Q5_K, Q6_K {

    /// {@return the number and block shape ggml gives this format}
    GgmlType type();

    /// Decodes the block at byte `offset` of `src` to `dst[at] … dst[at + blockLength - 1]`.
    void decodeBlock(MemorySegment src, long offset, float[] dst, int at);

    /// Encodes `src[at] … src[at + blockLength - 1]` to the block at byte `offset` of `dst`.
    ///
    /// The bytes are those of ggml's `quantize_row_*_ref`, which is what its file tools write when
    /// they have no importance matrix. The weights are finite; [F32], [F16] and [BF16] also keep
    /// infinities and NaNs.
    void encodeBlock(float[] src, int at, MemorySegment dst, long offset);

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

    /// Encodes `src[at] …`, `count` weights, a multiple of the block length, to byte `offset` of
    /// `dst` and on.
    default void encode(float[] src, int at, MemorySegment dst, long offset, int count) {
        for (int i = 0; i < count; i += blockLength()) {
            encodeBlock(src, at + i, dst, offset);
            offset += blockBytes();
        }
    }
}
