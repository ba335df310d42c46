package dev.jinrai.gpu.vulkan;

import dev.jinrai.gpu.GpuInfo;
import java.util.List;

/// A device of this machine that can compute, not opened.
///
/// @param index its place in [Vulkan#devices]
/// @param info what it is
/// @param lacks what the kernels need and it does not have, in Vulkan's words; nothing if it can be opened
public record VulkanAdapter(int index, GpuInfo info, List<String> lacks) {
    public VulkanAdapter {
        lacks = List.copyOf(lacks);
    }

    /// {@return whether it can be opened}
    public boolean usable() {
        return lacks.isEmpty();
    }

    /// {@return why it cannot be opened, in one sentence}
    public String refusal() {
        return "GPU '%s' (%s, %s) lacks %s; update its driver"
                .formatted(info.name(), info.driver(), info.api(), String.join(", ", lacks));
    }
}
