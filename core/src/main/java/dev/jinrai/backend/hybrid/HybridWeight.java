package dev.jinrai.backend.hybrid;

import dev.jinrai.backend.Weight;

/// A weight and the side that holds it.
record HybridWeight(Side side, Weight weight) implements Weight {
    @Override
    public String name() {
        return weight.name();
    }

    @Override
    public int slices() {
        return weight.slices();
    }

    @Override
    public int rows() {
        return weight.rows();
    }

    @Override
    public int columns() {
        return weight.columns();
    }
}
