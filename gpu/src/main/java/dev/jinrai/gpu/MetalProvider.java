package dev.jinrai.gpu;

import dev.jinrai.backend.Availability;
import dev.jinrai.backend.Device;
import java.util.List;

/// Apple's GPUs: the Vulkan backend on MoltenVK, which hands its kernels and commands to Metal.
public final class MetalProvider extends VulkanProvider {
    /// For the service loader.
    public MetalProvider() {}

    @Override
    public String name() {
        return "metal";
    }

    /// On a Mac both names mean the same; this is the one that people know there.
    @Override
    public int preference() {
        return Hardware.isMac() ? super.preference() + 1 : -1;
    }

    @Override
    public Availability probe() {
        return Hardware.isMac()
                ? super.probe()
                : new Availability.Unavailable("Metal is on Macs only; use --backend vulkan here");
    }

    @Override
    public List<Device> devices() {
        return Hardware.isMac() ? super.devices() : List.of();
    }
}
