package dev.jinrai.gpu.vulkan;

import dev.jinrai.gpu.GpuMemory;
import java.lang.foreign.MemorySegment;

/// A stretch of a chunk.
final class VulkanMemory implements GpuMemory {
    private final VulkanDevice device;
    final VulkanChunk chunk;
    final long offset;
    private final long size;
    private boolean closed;

    VulkanMemory(VulkanDevice device, VulkanChunk chunk, long offset, long size) {
        this.device = device;
        this.chunk = chunk;
        this.offset = offset;
        this.size = size;
    }

    VulkanDevice device() {
        return device;
    }

    @Override
    public long address() {
        return chunk.address() + offset;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public MemorySegment host() {
        if (chunk.host().equals(MemorySegment.NULL)) {
            throw new UnsupportedOperationException("the host does not see memory of the device");
        }
        return chunk.host().asSlice(offset, size);
    }

    @Override
    public boolean near() {
        return chunk.near();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            device.free(this);
        }
    }
}
