package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.Buffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/// Activations that live on either side: a buffer of each that uses them, and a note which one's rows are current.
final class HybridBuffer implements Buffer {
    /// What the views share.
    private static final class Store {
        final Map<Side, Buffer> buffers = new EnumMap<>(Side.class);
        final Function<Side, Buffer> allocate;
        final Rows current;

        Store(Function<Side, Buffer> allocate, int rows) {
            this.allocate = allocate;
            this.current = new Rows(rows);
        }
    }

    private final Store store;
    private final int rows;
    private final int columns;
    private HybridBuffer view = this; // the last one, as in HeapBuffer

    /// @param allocate makes zeros of this shape on a side; asked when the side is first used
    HybridBuffer(Function<Side, Buffer> allocate, int rows, int columns) {
        this(new Store(allocate, rows), rows, columns);
    }

    private HybridBuffer(Store store, int rows, int columns) {
        this.store = store;
        this.rows = rows;
        this.columns = columns;
    }

    /// {@return these rows on a side, current or not}
    Buffer on(Side side) {
        return store.buffers.computeIfAbsent(side, store.allocate).first(rows);
    }

    /// {@return which rows are current where}
    Rows current() {
        return store.current;
    }

    /// {@return whether all of these rows are current on a side}
    boolean currentOn(Side side) {
        return store.current.all(side, rows);
    }

    /// {@return the buffers that were made, whole}
    Map<Side, Buffer> made() {
        return store.buffers;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public HybridBuffer first(int count) {
        if (view.rows != count) {
            view = new HybridBuffer(store, count, columns);
        }
        return view;
    }
}
