package dev.jinrai.gpu;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.Device;
import dev.jinrai.gpu.vulkan.Vulkan;
import dev.jinrai.gpu.vulkan.VulkanAdapter;
import dev.jinrai.gpu.vulkan.VulkanDevice;
import java.util.List;
import java.util.Optional;

/// Finds the GPUs that a Vulkan driver shows.
public class VulkanProvider implements BackendProvider {
    /// Before the processor's backends.
    static final int PREFERRED = 20;

    /// For the service loader.
    public VulkanProvider() {}

    @Override
    public String name() {
        return "vulkan";
    }

    /// A GPU goes before the CPU. A program that plays one is slower than the CPU's own backend, and runs only where it
    /// is named; so is a machine without a GPU nothing to tell a user about who did not ask. Where the system shows no GPU, no
    /// driver is loaded to find that out: it takes longer than the rest of a start.
    @Override
    public int preference() {
        if (!Hardware.mayHaveGpu()) {
            return -1;
        }
        boolean played =
                Vulkan.best().map(VulkanAdapter::info).filter(GpuInfo::software).isPresent();
        return played ? -1 : PREFERRED;
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
    public List<Device> devices() {
        return Vulkan.devices().stream().map(VulkanProvider::device).toList();
    }

    private static Device device(VulkanAdapter adapter) {
        GpuInfo info = adapter.info();
        return new Device(
                adapter.index(),
                info.name(),
                "%s, %s".formatted(info.driver(), info.api()),
                info.memory(),
                info.free(),
                info.software(),
                adapter.usable() ? Optional.empty() : Optional.of(adapter.refusal()));
    }

    @Override
    public boolean ownMemory() {
        return true;
    }

    @Override
    public Backend open(BackendOptions options) {
        if (probe() instanceof Availability.Unavailable(var reason)) {
            throw new BackendException("backend '%s' is unavailable: %s".formatted(name(), reason));
        }
        VulkanAdapter adapter =
                options.device().map(Vulkan::device).orElseGet(() -> Vulkan.best().orElseThrow());
        VulkanDevice device = VulkanDevice.open(adapter);
        try {
            return new GpuBackend(name(), device);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }
}
