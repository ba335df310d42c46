package dev.jinrai.backend.vector;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.HeapBuffer;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import java.util.ArrayList;
import java.util.List;

/// Keys and values in blocks of [#BLOCK] positions, allocated as the timeline reaches them.
///
/// Within a block each head's rows are neighbours, because attention reads one head over all
/// positions: key row `p` of head `h` starts at `(h · BLOCK + p) · keyLength`.
final class BlockedKvCache implements KvCache {
    /// Positions in a block.
    static final int BLOCK = 64;

    private final KvLayout layout;
    private final List<List<float[]>> keys = new ArrayList<>();
    private final List<List<float[]>> values = new ArrayList<>();
    private int length;

    BlockedKvCache(KvLayout layout) {
        this.layout = layout;
        for (int layer = 0; layer < layout.layers().size(); layer++) {
            keys.add(new ArrayList<>());
            values.add(new ArrayList<>());
        }
    }

    /// Stores the rows of `run` in `keys` and `values` at the run's positions.
    void append(int layer, Batch.Run run, Buffer keys, Buffer values) {
        reserve(layer, run.start() + run.count());
        var shape = layout.layers().get(layer);
        for (int i = 0; i < run.count(); i++) {
            int position = run.start() + i;
            int t = run.first() + i;
            scatter(this.keys.get(layer), position, keys, t, shape.keyLength());
            scatter(this.values.get(layer), position, values, t, shape.valueLength());
        }
    }

    /// Copies the heads of row `t` of `rows` to where `position` keeps them.
    private static void scatter(
            List<float[]> blocks, int position, Buffer rows, int t, int headLength) {
        float[] block = blocks.get(position / BLOCK);
        for (int h = 0; h < rows.columns() / headLength; h++) {
            System.arraycopy(
                    HeapBuffer.data(rows),
                    t * rows.columns() + h * headLength,
                    block,
                    (h * BLOCK + position % BLOCK) * headLength,
                    headLength);
        }
    }

    /// Makes room for positions up to `end - 1` of `layer`.
    private void reserve(int layer, int end) {
        var shape = layout.layers().get(layer);
        while (keys.get(layer).size() * BLOCK < end) {
            keys.get(layer).add(new float[BLOCK * shape.kvHeads() * shape.keyLength()]);
            values.get(layer).add(new float[BLOCK * shape.kvHeads() * shape.valueLength()]);
        }
    }

    /// {@return block `block` of the keys of `layer`}
    float[] keys(int layer, int block) {
        return keys.get(layer).get(block);
    }

    /// {@return block `block` of the values of `layer`}
    float[] values(int layer, int block) {
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
