package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendConformance;
import dev.jinrai.format.Format;

/// The GPU backend satisfies the contract, on the best device of this machine; without a GPU that is a program that plays one.
class VulkanConformanceTest extends BackendConformance {
    @Override
    protected Backend open() {
        return SharedDevice.backend();
    }

    /// Kernels decode all these in one way, and differ in nothing else.
    @Override
    protected boolean decodedFirst(Format format) {
        return !CodedFormats.kernel("", format).isEmpty();
    }

    /// Nothing warms up: a kernel is compiled before it runs.
    @Override
    protected int warmUpRounds() {
        return 3;
    }
}
