package dev.jinrai.gpu;

import dev.jinrai.backend.AttentionConformance;
import dev.jinrai.backend.Backend;

/// The GPU backend's attention satisfies the contract.
class VulkanAttentionTest extends AttentionConformance {
    @Override
    protected Backend open() {
        return SharedDevice.backend();
    }

    @Override
    protected boolean thorough() {
        return !SharedDevice.software();
    }
}
