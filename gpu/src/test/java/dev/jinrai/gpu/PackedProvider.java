package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Device;
import java.util.List;

/// The GPU with packed dot products, also where they are not fast: a program that plays a GPU runs the kernels of large ones so.
public final class PackedProvider extends VulkanProvider {
    static final String NAME = "vulkan-packed";

    /// For the service loader.
    public PackedProvider() {}

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
        return new GpuBackend(NAME, new SharedDevice(), true, false);
    }
}
