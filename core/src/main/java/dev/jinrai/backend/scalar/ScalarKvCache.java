package dev.jinrai.backend.scalar;

import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.format.EncodableFormat;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Keys and values as f32, rounded to what the cache's [dev.jinrai.backend.KvType] can hold; one array per layer
/// and position.
final class ScalarKvCache implements KvCache {
    private final int capacity;
    private final EncodableFormat format;
    private final List<List<float[]>> keys = new ArrayList<>();
    private final List<List<float[]>> values = new ArrayList<>();
    private int length;

    ScalarKvCache(KvLayout layout) {
        capacity = layout.capacity();
        format = layout.type().format();
        for (int layer = 0; layer < layout.layers().size(); layer++) {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        }
    }

    /// Stores what `position` of `layer` is to remember: the heads' keys and values, one after the other.
    void put(int layer, int position, float[] key, float[] value) {
        set(keys.get(layer), position, rounded(key));
        set(values.get(layer), position, rounded(value));
    }

    /// {@return the row, encoded and decoded}
    private float[] rounded(float[] row) {
        MemorySegment encoded =
                MemorySegment.ofArray(new byte[Math.toIntExact(format.byteSize(row.length))]);
        format.encode(row, 0, encoded, 0, row.length);
        float[] decoded = new float[row.length];
        format.decode(encoded, 0, decoded, 0, row.length);
        return decoded;
    }

    float[] key(int layer, int position) {
        return keys.get(layer).get(position);
    }

    float[] value(int layer, int position) {
        return values.get(layer).get(position);
    }

    private static void set(List<float[]> list, int position, float[] row) {
        if (position < list.size()) {
            list.set(position, row);
        } else {
            list.add(row);
        }
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public int capacity() {
        return capacity;
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
