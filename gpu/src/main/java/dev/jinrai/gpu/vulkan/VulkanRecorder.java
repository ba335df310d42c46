package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.VK10.*;

import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuKernel;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.List;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferCopy;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkMemoryBarrier;

/// Fills a command buffer. A step waits for the steps before it, and what it wrote is visible to the host at its end.
final class VulkanRecorder implements GpuRecorder {
    private static final int WORK =
            VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    private static final int WRITES = VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    private static final int READS = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_TRANSFER_READ_BIT;

    private final VulkanDevice device;
    private final VkCommandBuffer commands;
    private final long layout;
    private final List<Integer> maxGroups;

    /// The pipeline that is bound, or 0.
    private long bound;

    private boolean ended;

    VulkanRecorder(
            VulkanDevice device, VkCommandBuffer commands, long layout, List<Integer> maxGroups) {
        this.device = device;
        this.commands = commands;
        this.layout = layout;
        this.maxGroups = maxGroups;
        barrier();
    }

    @Override
    public void dispatch(GpuKernel kernel, int x, int y, int z, MemorySegment arguments) {
        VulkanKernel mine = mine(kernel);
        check(kernel, 'x', x, maxGroups.get(0));
        check(kernel, 'y', y, maxGroups.get(1));
        check(kernel, 'z', z, maxGroups.get(2));
        if (arguments.byteSize() > GpuDevice.MAX_ARGUMENTS || arguments.byteSize() % 4 != 0) {
            throw new IllegalArgumentException(
                    "kernel '%s': %d bytes of arguments; at most %d, in words of 4"
                            .formatted(
                                    kernel.name(), arguments.byteSize(), GpuDevice.MAX_ARGUMENTS));
        }
        device.locked(() -> {
            open();
            if (mine.pipeline() != bound) {
                vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, mine.pipeline());
                bound = mine.pipeline();
            }
            if (arguments.byteSize() > 0) {
                try (MemoryStack stack = MemoryStack.stackPush()) {
                    ByteBuffer copy = stack.malloc((int) arguments.byteSize());
                    MemorySegment.ofBuffer(copy).copyFrom(arguments);
                    vkCmdPushConstants(commands, layout, VK_SHADER_STAGE_COMPUTE_BIT, 0, copy);
                }
            }
            vkCmdDispatch(commands, x, y, z);
        });
    }

    private VulkanKernel mine(GpuKernel kernel) {
        if (kernel instanceof VulkanKernel k && k.device() == device) {
            return k;
        }
        throw new IllegalArgumentException(
                "kernel '%s' is not of this device".formatted(kernel.name()));
    }

    private static void check(GpuKernel kernel, char axis, int groups, int most) {
        if (groups < 1 || groups > most) {
            throw new IllegalArgumentException(
                    "kernel '%s': %d workgroups in %c; the device runs 1 to %d"
                            .formatted(kernel.name(), groups, axis, most));
        }
    }

    @Override
    public void copy(GpuMemory src, long from, GpuMemory dst, long at, long bytes) {
        if (bytes == 0) {
            return;
        }
        VulkanMemory source = within(src, from, bytes);
        VulkanMemory target = within(dst, at, bytes);
        device.locked(() -> {
            open();
            try (MemoryStack stack = MemoryStack.stackPush()) {
                var region =
                        VkBufferCopy.calloc(1, stack)
                                .srcOffset(source.offset + from)
                                .dstOffset(target.offset + at)
                                .size(bytes);
                vkCmdCopyBuffer(commands, source.chunk.buffer(), target.chunk.buffer(), region);
            }
        });
    }

    private VulkanMemory within(GpuMemory memory, long offset, long bytes) {
        if (!(memory instanceof VulkanMemory mine) || mine.device() != device) {
            throw new IllegalArgumentException("memory of another device");
        }
        if (offset < 0 || bytes < 0 || offset > mine.size() - bytes) {
            throw new IndexOutOfBoundsException(
                    "bytes %d to %d of a memory of %d"
                            .formatted(offset, offset + bytes, mine.size()));
        }
        return mine;
    }

    @Override
    public void barrier() {
        device.locked(() -> {
            open();
            barrier(WORK, READS | WRITES);
        });
    }

    private void barrier(int before, int access) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var barrier =
                    VkMemoryBarrier.calloc(1, stack)
                            .sType$Default()
                            .srcAccessMask(WRITES)
                            .dstAccessMask(access);
            vkCmdPipelineBarrier(commands, WORK, before, 0, barrier, null, null);
        }
    }

    @Override
    public GpuStep end() {
        device.locked(() -> {
            open();
            barrier(VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
            ended = true;
            VulkanResult.check(vkEndCommandBuffer(commands), device.name(), "recording a step");
        });
        return new VulkanStep(device, commands);
    }

    private void open() {
        if (ended) {
            throw new IllegalStateException("the step is recorded");
        }
    }
}
