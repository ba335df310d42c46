/// Weight formats: how the numbers of a tensor lie in its bytes.
///
/// [dev.jinrai.format.GgmlType] is the number a file stores; [dev.jinrai.format.Format] is what this
/// project can do with it. One format is one file: the block drawn in its comment, the formula, the
/// source, the scalar decoder that every kernel is tested against, and, in an
/// [dev.jinrai.format.EncodableFormat], the encoder.
///
/// The one rule: both are ggml's arithmetic bit for bit, in f32 without fused multiply-add.
/// Start with [dev.jinrai.format.Q8_0], then [dev.jinrai.format.Q4_K].
@NullMarked
package dev.jinrai.format;

import org.jspecify.annotations.NullMarked;
