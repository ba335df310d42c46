package dev.jinrai.backend.vector;

import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import java.util.ArrayList;
import java.util.List;

/// Keys and values in blocks of [#BLOCK] positions, allocated as the timeline reaches them and compressed as
/// the layout's [dev.jinrai.backend.KvType] says.
final class BlockedKvCache implements KvCache {
    /// Positions in a block: its keys and values, decoded, fit the first cache.
    static final int BLOCK = 64;

    private final KvLayout layout;
    private final List<List<KvBlock>> keys = new ArrayList<>();
    private final List<List<KvBlock>> values = new ArrayList<>();
    private int length;

    BlockedKvCache(KvLayout layout) {
        this.layout = layout;
        for (int layer = 0; layer < layout.layers().size(); layer++) {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        }
    }

    /// Makes room for positions up to `end - 1` of `layer`.
    void reserve(int layer, int end) {
        var shape = layout.layers().get(layer);
        int heads = shape.kvHeads();
        while (keys.get(layer).size() * BLOCK < end) {
            // Both before either is kept: there may be no memory for the second.
            var key = KvBlock.of(layout.type(), HeadOrder.KEYS, heads, shape.keyLength());
            var value = KvBlock.of(layout.type(), HeadOrder.VALUES, heads, shape.valueLength());
            values.get(layer).add(value);
            keys.get(layer).add(key);
        }
    }

    /// Stores the heads' keys from `keys[keysAt]` and values from `values[valuesAt]` for `position`, for which
    /// there is room. Threads may store different positions at a time.
    void put(
            int layer,
            int position,
            float[] keys,
            int keysAt,
            float[] values,
            int valuesAt,
            AttentionScratch scratch) {
        var shape = layout.layers().get(layer);
        KvBlock toKeys = keys(layer, position / BLOCK);
        KvBlock toValues = values(layer, position / BLOCK);
        int at = position % BLOCK;
        for (int h = 0; h < shape.kvHeads(); h++) {
            toKeys.put(h, at, keys, keysAt + h * shape.keyLength(), scratch);
            toValues.put(h, at, values, valuesAt + h * shape.valueLength(), scratch);
        }
    }

    /// {@return block `block` of the keys of `layer`}
    KvBlock keys(int layer, int block) {
        return keys.get(layer).get(block);
    }

    /// {@return block `block` of the values of `layer`}
    KvBlock values(int layer, int block) {
        return values.get(layer).get(block);
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int capacity() {
        return layout.capacity();
    }

    @Override
    public void advance(int positions) {
        length += positions;
    }

    @Override
    public void truncate(int newLength) {
        length = newLength;
    }

    @Override
    public void close() {
        keys.forEach(List::clear);
        values.forEach(List::clear);
    }
}
