package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendConformance;

/// The GPU backend satisfies the contract, on the best device of this machine; without a GPU that is a program that plays one.
class VulkanConformanceTest extends BackendConformance {
    @Override
    protected Backend open() {
        return SharedDevice.backend();
    }

    /// Nothing warms up: a kernel is compiled before it runs.
    @Override
    protected int warmUpRounds() {
        return 3;
    }
}
