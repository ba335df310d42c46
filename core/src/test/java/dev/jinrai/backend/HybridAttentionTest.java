package dev.jinrai.backend;

import dev.jinrai.backend.hybrid.HybridBackend;
import dev.jinrai.backend.scalar.ScalarBackend;

/// Attention satisfies the contract where each backend has a layer.
class HybridAttentionTest extends AttentionConformance {
    @Override
    protected Backend open() {
        return new HybridBackend(
                new ScalarBackend(), Backends.named("cpu").open(new BackendOptions(2)), 2, 1);
    }
}
