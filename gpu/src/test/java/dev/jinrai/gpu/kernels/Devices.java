package dev.jinrai.gpu.kernels;

import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.vulkan.Vulkan;
import dev.jinrai.gpu.vulkan.VulkanDevice;

/// The device that the tests run on: the best of this machine, or what `-Djinrai.gpu=…` names.
final class Devices {
    private Devices() {}

    static GpuDevice open() {
        String wanted = System.getProperty("jinrai.gpu");
        return VulkanDevice.open(
                wanted != null
                        ? Vulkan.device(wanted)
                        : Vulkan.best()
                                .orElseThrow(() ->
                                        new IllegalStateException(
                                                Vulkan.unavailable().orElseThrow())));
    }
}
