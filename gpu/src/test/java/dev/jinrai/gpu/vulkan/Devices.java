package dev.jinrai.gpu.vulkan;

import java.util.List;

/// The device that the tests run on: the best of this machine, or the one that `-Djinrai.test.device=…` names.
///
/// A machine without one fails them: a driver that plays a GPU is a package away.
public final class Devices {
    private Devices() {}

    public static VulkanDevice open() {
        return VulkanDevice.open(adapter());
    }

    public static VulkanAdapter adapter() {
        Vulkan.unavailable()
                .ifPresent(reason -> {
                    throw new AssertionError(
                            reason
                                    + "\n"
                                    + "The tests need a Vulkan device; Mesa's, which runs on the"
                                    + " CPU, will do: apt-get install mesa-vulkan-drivers"
                                    + " libvulkan1");
                });
        String wanted = System.getProperty("jinrai.test.device", "");
        return wanted.isEmpty() ? Vulkan.best().orElseThrow() : Vulkan.device(wanted);
    }

    /// {@return a device that lacks `lacks` and can only be chosen}
    static VulkanAdapter made(int index, String name, boolean software, String... lacks) {
        var info =
                new dev.jinrai.gpu.GpuInfo(
                        name,
                        "made up 1.0",
                        "Vulkan 1.3",
                        1L << 30,
                        1L << 30,
                        false,
                        software,
                        32,
                        1024,
                        true,
                        false,
                        32768,
                        0);
        return new VulkanAdapter(index, info, List.of(lacks));
    }
}
