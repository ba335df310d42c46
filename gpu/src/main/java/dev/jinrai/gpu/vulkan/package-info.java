/// The driver of [dev.jinrai.gpu.GpuDevice] over Vulkan 1.2 (on a Mac over Metal, through MoltenVK).
///
/// **The one rule: memory is an address.** Kernels get addresses as push constants, so there are no descriptor sets; what is
/// left of Vulkan is memory, pipelines and command buffers.
///
/// Start reading at [Vulkan], which finds devices, then [VulkanDevice], which is one.
@NullMarked
package dev.jinrai.gpu.vulkan;

import org.jspecify.annotations.NullMarked;
