package dev.jinrai.gpu;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.gpu.vulkan.Vulkan;
import dev.jinrai.gpu.vulkan.VulkanAdapter;
import dev.jinrai.gpu.vulkan.VulkanDevice;

/// Finds the GPUs that a Vulkan driver shows.
public final class VulkanProvider implements BackendProvider {
    private static final String NAME = "vulkan";

    /// For the service loader.
    public VulkanProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    /// A GPU goes before the CPU. A program that plays one is slower than the CPU's own backend, and runs only where it
    /// is named; so is a machine without a GPU nothing to tell a user about who did not ask.
    @Override
    public int preference() {
        return Vulkan.best().filter(adapter -> !adapter.info().software()).isPresent() ? 20 : -1;
    }

    @Override
    public Availability probe() {
        return Vulkan.unavailable()
                .<Availability>map(Availability.Unavailable::new)
                .orElseGet(() -> available(Vulkan.best().orElseThrow()));
    }

    private static Availability available(VulkanAdapter adapter) {
        GpuInfo info = adapter.info();
        return new Availability.Available(
                "%s (%s, %s)".formatted(info.name(), info.driver(), info.api()), info.memory());
    }

    @Override
    public Backend open(BackendOptions options) {
        if (probe() instanceof Availability.Unavailable(var reason)) {
            throw new BackendException("backend '%s' is unavailable: %s".formatted(NAME, reason));
        }
        return new GpuBackend(NAME, VulkanDevice.open(Vulkan.best().orElseThrow()));
    }
}
