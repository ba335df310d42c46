package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.EXTExternalMemoryHost.VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;
import static org.lwjgl.vulkan.EXTExternalMemoryHost.nvkGetMemoryHostPointerPropertiesEXT;
import static org.lwjgl.vulkan.VK10.*;
import static org.lwjgl.vulkan.VK11.VK_ERROR_INVALID_EXTERNAL_HANDLE;
import static org.lwjgl.vulkan.VK12.VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
import static org.lwjgl.vulkan.VK12.VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
import static org.lwjgl.vulkan.VK12.vkGetBufferDeviceAddress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.LongBuffer;
import java.util.List;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkBufferCreateInfo;
import org.lwjgl.vulkan.VkBufferDeviceAddressInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkExternalMemoryBufferCreateInfo;
import org.lwjgl.vulkan.VkImportMemoryHostPointerInfoEXT;
import org.lwjgl.vulkan.VkMappedMemoryRange;
import org.lwjgl.vulkan.VkMemoryAllocateFlagsInfo;
import org.lwjgl.vulkan.VkMemoryAllocateInfo;
import org.lwjgl.vulkan.VkMemoryHostPointerPropertiesEXT;
import org.lwjgl.vulkan.VkMemoryRequirements;

/// One piece of memory taken from the driver, with the buffer that gives it an address, and the list of what is free in it.
final class VulkanChunk {
    /// Addresses that are handed out are multiples of this.
    static final long ALIGNMENT = 256;

    private static final int HOST = VK_EXTERNAL_MEMORY_HANDLE_TYPE_HOST_ALLOCATION_BIT_EXT;

    private final VkDevice device;
    private final long buffer;
    private final long memory;
    private final long address;
    private final long size;
    private final boolean coherent;
    private final boolean near;
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
            boolean coherent,
            boolean near) {
        this.device = device;
        this.buffer = buffer;
        this.memory = memory;
        this.address = address;
        this.size = bytes;
        this.coherent = coherent;
        this.near = near;
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
    /// @param near whether the type is the device's own memory
    static VulkanChunk take(
            VkDevice device,
            String name,
            long bytes,
            int type,
            boolean visible,
            boolean coherent,
            boolean near)
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
                return new VulkanChunk(
                        device, buffer, memory, address, size, mapped, coherent, near);
            } catch (Refused | RuntimeException e) {
                vkDestroyBuffer(device, buffer, null);
                vkFreeMemory(device, memory, null);
                throw e;
            }
        }
    }

    /// Takes the pages of a mapped file, in whole. Files are mapped from a page's begin, and their last page belongs to them
    /// whole, so the pages around a stretch of one are there.
    ///
    /// @param alignment the size of a page
    /// @param types of memory that kernels read fast
    static VulkanChunk share(
            VkDevice device, String name, MemorySegment file, long alignment, List<Integer> types)
            throws Refused {
        long first = file.address() & -alignment;
        long size = Math.ceilDiv(file.address() + file.byteSize() - first, alignment) * alignment;
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var pages = VkMemoryHostPointerPropertiesEXT.calloc(stack).sType$Default();
            check(nvkGetMemoryHostPointerPropertiesEXT(device, HOST, first, pages.address()), name);
            var external =
                    VkExternalMemoryBufferCreateInfo.calloc(stack)
                            .sType$Default()
                            .handleTypes(HOST);
            var describe =
                    VkBufferCreateInfo.calloc(stack)
                            .sType$Default()
                            .pNext(external)
                            .size(size)
                            .usage(
                                    VK_BUFFER_USAGE_STORAGE_BUFFER_BIT
                                            | VK_BUFFER_USAGE_TRANSFER_SRC_BIT
                                            | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT)
                            .sharingMode(VK_SHARING_MODE_EXCLUSIVE);
            LongBuffer handle = stack.mallocLong(1);
            check(vkCreateBuffer(device, describe, null, handle), name);
            long buffer = handle.get(0);
            long memory = VK_NULL_HANDLE;
            try {
                var needs = VkMemoryRequirements.malloc(stack);
                vkGetBufferMemoryRequirements(device, buffer, needs);
                int usable = needs.memoryTypeBits() & pages.memoryTypeBits();
                int type =
                        types.stream()
                                .filter(t -> (usable & 1 << t) != 0)
                                .findFirst()
                                .orElseThrow(Refused::new);
                if (needs.size() > size) {
                    throw new Refused();
                }
                var pointer =
                        VkImportMemoryHostPointerInfoEXT.calloc(stack)
                                .sType$Default()
                                .handleType(HOST)
                                .pHostPointer(first);
                var addressable =
                        VkMemoryAllocateFlagsInfo.calloc(stack)
                                .sType$Default()
                                .flags(VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT);
                var wanted =
                        VkMemoryAllocateInfo.calloc(stack)
                                .sType$Default()
                                .pNext(addressable)
                                .pNext(pointer)
                                .allocationSize(size)
                                .memoryTypeIndex(type);
                check(vkAllocateMemory(device, wanted, null, handle), name);
                memory = handle.get(0);
                check(vkBindBufferMemory(device, buffer, memory, 0), name);
                long address =
                        vkGetBufferDeviceAddress(
                                device,
                                VkBufferDeviceAddressInfo.calloc(stack)
                                        .sType$Default()
                                        .buffer(buffer));
                return new VulkanChunk(device, buffer, memory, address, size, 0, true, true);
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
                || result == VK_ERROR_MEMORY_MAP_FAILED
                || result == VK_ERROR_INVALID_EXTERNAL_HANDLE) {
            throw new Refused();
        }
        VulkanResult.check(result, name, "taking memory");
    }

    /// {@return what was taken, in bytes}
    long size() {
        return size;
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

    /// {@return whether it is the device's own memory}
    boolean near() {
        return near;
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
