package dev.jinrai.gpu;

import dev.jinrai.backend.Routing;

/// Chosen experts on a device: expert `k` of token `t` is number `t · used + k`, 32 bits, of [#ids].
final class GpuRouting implements Routing {
    private final GpuMemory ids;
    private final GpuBuffer weights;

    GpuRouting(GpuMemory ids, GpuBuffer weights) {
        this.ids = ids;
        this.weights = weights;
    }

    GpuMemory ids() {
        return ids;
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
    public GpuBuffer weights() {
        return weights;
    }

    @Override
    public GpuRouting first(int count) {
        return new GpuRouting(ids, weights.first(count));
    }
}
