package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.VK10.*;
import static org.lwjgl.vulkan.VK12.VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
import static org.lwjgl.vulkan.VK12.VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
import static org.lwjgl.vulkan.VK12.vkGetBufferDeviceAddress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.LongBuffer;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferCreateInfo;
import org.lwjgl.vulkan.VkBufferDeviceAddressInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkMappedMemoryRange;
import org.lwjgl.vulkan.VkMemoryAllocateFlagsInfo;
import org.lwjgl.vulkan.VkMemoryAllocateInfo;
import org.lwjgl.vulkan.VkMemoryRequirements;

/// One piece of memory taken from the driver, with the buffer that gives it an address, and the list of what is free in it.
final class VulkanChunk {
    /// Addresses that are handed out are multiples of this.
    static final long ALIGNMENT = 256;

    private final VkDevice device;
    private final long buffer;
    private final long memory;
    private final long address;
    private final boolean coherent;
    // Shared, because a closed device must stop a thread that still reads or writes here: with an
    // exception, not a crash.
    private final Arena arena = Arena.ofShared();
    private final MemorySegment host;
    final FreeList free;

    private VulkanChunk(
            VkDevice device,
            long buffer,
            long memory,
            long address,
            long bytes,
            long mapped,
            boolean coherent) {
        this.device = device;
        this.buffer = buffer;
        this.memory = memory;
        this.address = address;
        this.coherent = coherent;
        this.host = mapped == 0 ? MemorySegment.NULL : window(mapped, bytes);
        long first = -address & (ALIGNMENT - 1);
        this.free = new FreeList(first, bytes - first);
    }

    @SuppressWarnings("restricted") // the driver mapped these bytes
    private MemorySegment window(long mapped, long bytes) {
        return MemorySegment.ofAddress(mapped).reinterpret(bytes, arena, null);
    }

    /// The driver has no more memory of a type.
    static final class Refused extends Exception {}

    /// Takes memory that at least `bytes` can be handed out of.
    ///
    /// @param type the type of memory
    /// @param visible whether the host is to see it
    /// @param coherent whether the type needs no [#invalidate]
    static VulkanChunk take(
            VkDevice device, String name, long bytes, int type, boolean visible, boolean coherent)
            throws Refused {
        long size = bytes + ALIGNMENT; // the buffer's own address may lie anywhere
        try (MemoryStack stack = MemoryStack.stackPush()) {
            LongBuffer handle = stack.mallocLong(1);
            var describe =
                    VkBufferCreateInfo.calloc(stack)
                            .sType$Default()
                            .size(size)
                            .usage(
                                    VK_BUFFER_USAGE_STORAGE_BUFFER_BIT
                                            | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
                                            | VK_BUFFER_USAGE_TRANSFER_DST_BIT
                                            | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT)
                            .sharingMode(VK_SHARING_MODE_EXCLUSIVE);
            check(vkCreateBuffer(device, describe, null, handle), name);
            long buffer = handle.get(0);
            long memory = VK_NULL_HANDLE;
            try {
                var needs = VkMemoryRequirements.malloc(stack);
                vkGetBufferMemoryRequirements(device, buffer, needs);
                var addressable =
                        VkMemoryAllocateFlagsInfo.calloc(stack)
                                .sType$Default()
                                .flags(VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT);
                var wanted =
                        VkMemoryAllocateInfo.calloc(stack)
                                .sType$Default()
                                .pNext(addressable)
                                .allocationSize(needs.size())
                                .memoryTypeIndex(type);
                check(vkAllocateMemory(device, wanted, null, handle), name);
                memory = handle.get(0);
                check(vkBindBufferMemory(device, buffer, memory, 0), name);
                long mapped = 0;
                if (visible) {
                    PointerBuffer pointer = stack.mallocPointer(1);
                    check(vkMapMemory(device, memory, 0, VK_WHOLE_SIZE, 0, pointer), name);
                    mapped = pointer.get(0);
                }
                long address =
                        vkGetBufferDeviceAddress(
                                device,
                                VkBufferDeviceAddressInfo.calloc(stack)
                                        .sType$Default()
                                        .buffer(buffer));
                return new VulkanChunk(device, buffer, memory, address, size, mapped, coherent);
            } catch (Refused | RuntimeException e) {
                vkDestroyBuffer(device, buffer, null);
                vkFreeMemory(device, memory, null);
                throw e;
            }
        }
    }

    private static void check(int result, String name) throws Refused {
        if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY
                || result == VK_ERROR_OUT_OF_HOST_MEMORY
                || result == VK_ERROR_TOO_MANY_OBJECTS
                || result == VK_ERROR_MEMORY_MAP_FAILED) {
            throw new Refused();
        }
        VulkanResult.check(result, name, "taking memory");
    }

    long buffer() {
        return buffer;
    }

    long address() {
        return address;
    }

    /// {@return what the host sees; nothing if it sees nothing}
    MemorySegment host() {
        return host;
    }

    /// Makes what the device wrote visible to the host, where the hardware does not.
    void invalidate(String name) {
        if (coherent || host.equals(MemorySegment.NULL)) {
            return;
        }
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var range =
                    VkMappedMemoryRange.calloc(stack)
                            .sType$Default()
                            .memory(memory)
                            .size(VK_WHOLE_SIZE);
            VulkanResult.check(
                    vkInvalidateMappedMemoryRanges(device, range), name, "reading its memory");
        }
    }

    /// Gives it back to the driver.
    void close() {
        arena.close();
        vkDestroyBuffer(device, buffer, null);
        vkFreeMemory(device, memory, null);
    }
}
