package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.VK10.*;

import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuMemoryException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkPhysicalDeviceMemoryProperties;

/// The memory of a device. Drivers allow some thousands of pieces, so small requests share chunks; a chunk that is empty goes
/// back to the driver.
final class VulkanHeap {
    /// A request of this many bytes or more is a piece of its own.
    private static final long LARGE = 16L << 20;

    /// Bytes of a chunk of memory of the device, and of memory the host sees. What a chunk has and nobody asked for is lost to others: the
    /// last one of a model's weights is half empty on average.
    private static final long DEVICE_CHUNK = 32L << 20;

    private static final long HOST_CHUNK = 2L << 20;

    private final VulkanDevice owner;
    private final VkDevice device;
    private final VulkanProperties properties;
    private final long limit;

    /// Mapped files that the device reads where they lie.
    private final List<VulkanChunk> shared = new ArrayList<>();

    private final EnumMap<GpuMemory.Kind, Pool> pools = new EnumMap<>(GpuMemory.Kind.class);

    /// A type of memory: its index and its properties.
    private record Type(int index, int flags) {
        boolean coherent() {
            return (flags & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT) != 0;
        }

        boolean near() {
            return (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) != 0;
        }
    }

    /// The memory of one kind.
    ///
    /// @param types where it may come from, the best first
    /// @param chunks what was taken
    private record Pool(GpuMemory.Kind kind, List<Type> types, List<VulkanChunk> chunks) {}

    /// @param limit the most bytes to take of the device's memory, though it may have more
    VulkanHeap(VulkanDevice owner, VkDevice device, VulkanProperties properties, long limit) {
        this.limit = limit;
        this.owner = owner;
        this.device = device;
        this.properties = properties;
        List<Type> all = types();
        for (GpuMemory.Kind kind : GpuMemory.Kind.values()) {
            pools.put(kind, new Pool(kind, suitable(all, kind), new ArrayList<>()));
        }
    }

    /// @throws GpuMemoryException if the driver has not enough
    VulkanMemory allocate(long bytes, GpuMemory.Kind kind) {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes: wanted 1 or more, got " + bytes);
        }
        if (bytes > properties.maxAllocation() - VulkanChunk.ALIGNMENT) {
            throw refusal(bytes, kind);
        }
        long length = Math.ceilDiv(bytes, VulkanChunk.ALIGNMENT) * VulkanChunk.ALIGNMENT;
        Pool pool = pool(kind);
        if (length < LARGE) {
            for (VulkanChunk chunk : pool.chunks()) {
                long offset = chunk.free.take(length);
                if (offset >= 0) {
                    return new VulkanMemory(owner, chunk, offset, bytes);
                }
            }
        }
        long shared = kind == GpuMemory.Kind.DEVICE ? DEVICE_CHUNK : HOST_CHUNK;
        long wanted = length < LARGE ? Math.max(shared, length) : length;
        VulkanChunk chunk = chunk(wanted, length, pool);
        pool.chunks().add(chunk);
        return new VulkanMemory(owner, chunk, chunk.free.take(length), bytes);
    }

    /// {@return what may still be taken of the device's memory, in bytes: as the driver says, or where it does not count, what we
    /// did not take; chunks that are partly empty have more}
    long free() {
        long left = Math.min(limit, properties.info().memory()) - taken();
        return Math.clamp(left, 0, Math.max(0, properties.free()));
    }

    private long taken() {
        return pool(GpuMemory.Kind.DEVICE).chunks().stream().mapToLong(VulkanChunk::size).sum();
    }

    /// Makes a mapped file readable for kernels, where the driver can.
    Optional<VulkanMemory> share(MemorySegment file) {
        long alignment = properties.shareAlignment();
        if (!properties.info().unified() || alignment == 0 || !file.isMapped()) {
            return Optional.empty();
        }
        try {
            List<Integer> indexes =
                    pool(GpuMemory.Kind.DEVICE).types().stream().map(Type::index).toList();
            VulkanChunk chunk = VulkanChunk.share(device, owner.name(), file, alignment, indexes);
            shared.add(chunk);
            return Optional.of(
                    new VulkanMemory(
                            owner, chunk, file.address() & (alignment - 1), file.byteSize()));
        } catch (VulkanChunk.Refused e) {
            return Optional.empty(); // it is copied then
        }
    }

    private VulkanChunk chunk(long wanted, long needed, Pool pool) {
        boolean within =
                pool.kind() != GpuMemory.Kind.DEVICE || wanted <= Math.max(0, limit - taken());
        for (Type type : within ? pool.types() : List.<Type>of()) {
            try {
                boolean mapped = pool.kind() != GpuMemory.Kind.DEVICE;
                return VulkanChunk.take(
                        device,
                        owner.name(),
                        wanted,
                        type.index(),
                        mapped,
                        type.coherent(),
                        type.near());
            } catch (VulkanChunk.Refused e) {
                // the next type has other memory
            }
        }
        if (wanted > needed) {
            return chunk(needed, needed, pool);
        }
        throw refusal(needed, pool.kind());
    }

    private GpuMemoryException refusal(long bytes, GpuMemory.Kind kind) {
        String what =
                switch (kind) {
                    case DEVICE -> "its memory";
                    case UPLOAD, READBACK -> "memory that it shares with the host";
                };
        return new GpuMemoryException(
                "GPU '%s': %s of %s asked for in one piece, %s of %s are free, and a piece has at most %s; %s"
                        .formatted(
                                owner.name(),
                                size(bytes),
                                what,
                                size(free()),
                                size(properties.info().memory()),
                                size(properties.maxAllocation()),
                                VulkanResult.LESS));
    }

    private static String size(long bytes) {
        if (bytes < 10L << 20) {
            return bytes + " bytes";
        }
        return bytes < 10L << 30
                ? (bytes >> 20) + " MiB"
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }

    private Pool pool(GpuMemory.Kind kind) {
        return Objects.requireNonNull(pools.get(kind));
    }

    void free(VulkanMemory memory) {
        VulkanChunk chunk = memory.chunk;
        if (shared.remove(chunk)) {
            chunk.close();
            return;
        }
        long length = Math.ceilDiv(memory.size(), VulkanChunk.ALIGNMENT) * VulkanChunk.ALIGNMENT;
        chunk.free.give(memory.offset, length);
        if (chunk.free.whole()) {
            pools.values().forEach(pool -> pool.chunks().remove(chunk));
            chunk.close();
        }
    }

    /// Makes what the device wrote visible to the host.
    void invalidate() {
        Pool pool = pool(GpuMemory.Kind.READBACK);
        pool.chunks().forEach(chunk -> chunk.invalidate(owner.name()));
    }

    void close() {
        shared.forEach(VulkanChunk::close);
        pools.values().forEach(pool -> pool.chunks().forEach(VulkanChunk::close));
    }

    private List<Type> types() {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var memory = VkPhysicalDeviceMemoryProperties.malloc(stack);
            vkGetPhysicalDeviceMemoryProperties(properties.physical(), memory);
            List<Type> types = new ArrayList<>();
            for (int i = 0; i < memory.memoryTypeCount(); i++) {
                types.add(new Type(i, memory.memoryTypes(i).propertyFlags()));
            }
            return types;
        }
    }

    /// {@return the types of memory for a kind, the best first}
    private static List<Type> suitable(List<Type> all, GpuMemory.Kind kind) {
        int local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT;
        int visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
        int coherent = visible | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
        int cached = visible | VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
        List<Integer> wishes =
                switch (kind) {
                    case DEVICE -> List.of(local);
                    case UPLOAD -> List.of(coherent | local, coherent);
                    case READBACK -> List.of(cached | coherent, cached, coherent);
                };
        List<Type> found = new ArrayList<>();
        for (int wish : wishes) {
            for (Type type : all) {
                if ((type.flags() & wish) == wish && !found.contains(type)) {
                    found.add(type);
                }
            }
        }
        return List.copyOf(found);
    }
}
