/// Weight formats: how the numbers of a tensor lie in its bytes.
///
/// [dev.jinrai.format.GgmlType] is the number a file stores; [dev.jinrai.format.Format] is what this
/// project can do with it. One format is one file: the block drawn in its comment, the formula, the
/// source, the scalar decoder that every kernel is tested against, and, in an
/// [dev.jinrai.format.EncodableFormat], the encoder.
///
/// The one rule: both are ggml's arithmetic bit for bit, in f32 without fused multiply-add. So encoders
/// make the bytes of a ggml that was compiled without it, as distributions do for x86-64; one compiled for
/// a processor that has it, or for ARM, may fuse, and its searches then decide some close calls otherwise.
///
/// What an encoder searches for is in the classes called Search, one run of weights after another; their
/// twins called Lanes do the same for the runs in the lanes of a register, where the Vector API is there.
///
/// Start with [dev.jinrai.format.Q8_0], then [dev.jinrai.format.Q4_K].
@NullMarked
package dev.jinrai.format;

import org.jspecify.annotations.NullMarked;
