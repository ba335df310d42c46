package dev.jinrai.gpu;

import dev.jinrai.backend.AttentionConformance;
import dev.jinrai.backend.Backend;

/// The GPU backend's attention satisfies the contract.
class VulkanAttentionTest extends AttentionConformance {
    @Override
    protected Backend open() {
        // Matrices of halves round to eleven bits: MatrixAttentionTest has them.
        var device = new SharedDevice();
        return new GpuBackend("vulkan", device, device.info().dots(), false);
    }

    @Override
    protected boolean thorough() {
        return !SharedDevice.software();
    }
}
