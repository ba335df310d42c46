package dev.jinrai.gpu.vulkan;

import dev.jinrai.gpu.GpuDevice;

/// The best device of this machine, with less memory than it has.
public final class SmallDevice {
    private SmallDevice() {}

    /// Opens it.
    ///
    /// @param limit the most bytes of its memory
    public static GpuDevice open(long limit) {
        return VulkanDevice.open(Vulkan.best().orElseThrow(), limit);
    }
}
