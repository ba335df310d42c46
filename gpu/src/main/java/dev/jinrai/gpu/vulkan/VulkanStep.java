package dev.jinrai.gpu.vulkan;

import dev.jinrai.gpu.GpuStep;
import org.lwjgl.vulkan.VkCommandBuffer;

/// A recorded command buffer.
final class VulkanStep implements GpuStep {
    private final VulkanDevice device;
    final VkCommandBuffer commands;
    private boolean closed;

    VulkanStep(VulkanDevice device, VkCommandBuffer commands) {
        this.device = device;
        this.commands = commands;
    }

    VulkanDevice device() {
        return device;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            device.free(this);
        }
    }
}
