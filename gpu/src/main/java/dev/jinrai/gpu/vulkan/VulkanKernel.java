package dev.jinrai.gpu.vulkan;

import dev.jinrai.gpu.GpuKernel;

/// A pipeline of a device, which destroys it.
record VulkanKernel(String name, VulkanDevice device, long pipeline) implements GpuKernel {}
