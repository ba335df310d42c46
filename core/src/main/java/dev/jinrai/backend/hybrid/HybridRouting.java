package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.Routing;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/// Chosen experts that live on either side, as [HybridBuffer].
final class HybridRouting implements Routing {
    /// What the views share.
    private static final class Store {
        final Map<Side, Routing> routings = new EnumMap<>(Side.class);
        final Function<Side, Routing> allocate;
        final Rows currentIds;

        Store(Function<Side, Routing> allocate, int rows) {
            this.allocate = allocate;
            this.currentIds = new Rows(rows);
        }

        Routing on(Side side) {
            return routings.computeIfAbsent(side, allocate);
        }
    }

    private final Store store;
    private final HybridBuffer weights;
    private HybridRouting view = this;

    HybridRouting(Function<Side, Routing> allocate, int rows, int used) {
        store = new Store(allocate, rows);
        weights = new HybridBuffer(side -> store.on(side).weights(), rows, used);
    }

    private HybridRouting(Store store, HybridBuffer weights) {
        this.store = store;
        this.weights = weights;
    }

    /// {@return these rows on a side, current or not}
    Routing on(Side side) {
        return store.on(side).first(rows());
    }

    /// {@return which rows' numbers are current where}
    Rows currentIds() {
        return store.currentIds;
    }

    /// {@return the routings that were made, whole}
    Map<Side, Routing> made() {
        return store.routings;
    }

    @Override
    public int rows() {
        return weights.rows();
    }

    @Override
    public int used() {
        return weights.columns();
    }

    @Override
    public HybridBuffer weights() {
        return weights;
    }

    @Override
    public HybridRouting first(int count) {
        if (view.rows() != count) {
            view = new HybridRouting(store, weights.first(count));
        }
        return view;
    }
}
