package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Device;
import java.util.List;

/// A way to compute on the shared device that a test asks for by name, and nobody else gets.
abstract class NamedProvider extends VulkanProvider {
    private final String name;
    private final boolean packed;

    /// @param packed whether products are packed dot products, whatever the device says
    NamedProvider(String name, boolean packed) {
        this.name = name;
        this.packed = packed;
    }

    @Override
    public String name() {
        return name;
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
        return new GpuBackend(name, new SharedDevice(), packed, false);
    }
}
