package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Device;
import java.util.List;

/// The GPU with a kernel for each verb, also where packed dot products are fast.
public final class PlainProvider extends VulkanProvider {
    static final String NAME = "vulkan-plain";

    /// For the service loader.
    public PlainProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    /// Only where it is named.
    @Override
    public int preference() {
        return -1;
    }

    @Override
    public List<Device> devices() {
        return List.of();
    }

    @Override
    public Backend open(BackendOptions options) {
        return new GpuBackend(NAME, new SharedDevice(), false, false);
    }
}
