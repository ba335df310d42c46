package dev.jinrai.backend.vector;

import dev.jinrai.backend.KvType;

/// The keys, or the values, of [BlockedKvCache#BLOCK] positions of a layer, all heads, stored as a [KvType].
sealed interface KvBlock permits F32KvBlock, F16KvBlock, Q8_0KvBlock {

    /// {@return a block of zeros}
    ///
    /// @param length the length of a head
    static KvBlock of(KvType type, HeadOrder order, int heads, int length) {
        return switch (type) {
            case F32 -> new F32KvBlock(order, heads, length);
            case F16 -> new F16KvBlock(order, heads, length);
            case Q8_0 -> new Q8_0KvBlock(order, heads, length);
        };
    }

    /// Stores `src[at] … src[at + length - 1]` for `position` of `head`.
    ///
    /// @param position within the block
    void put(int head, int position, float[] src, int at, AttentionScratch scratch);

    /// Decodes the first `rows` rows of `head`, as [HeadOrder] defines them, to `dst`: row `r` from
    /// `dst[r · stride]`.
    void get(int head, int rows, float[] dst, int stride, AttentionScratch scratch);
}
