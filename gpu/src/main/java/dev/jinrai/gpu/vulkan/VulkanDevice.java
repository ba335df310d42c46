package dev.jinrai.gpu.vulkan;

import static org.lwjgl.vulkan.EXTExternalMemoryHost.VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME;
import static org.lwjgl.vulkan.EXTMemoryBudget.VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
import static org.lwjgl.vulkan.KHRCooperativeMatrix.VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME;
import static org.lwjgl.vulkan.KHRShaderIntegerDotProduct.VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME;
import static org.lwjgl.vulkan.VK10.*;
import static org.lwjgl.vulkan.VK12.VK_API_VERSION_1_2;
import static org.lwjgl.vulkan.VK12.VK_SEMAPHORE_TYPE_TIMELINE;
import static org.lwjgl.vulkan.VK12.vkGetSemaphoreCounterValue;
import static org.lwjgl.vulkan.VK12.vkWaitSemaphores;

import dev.jinrai.backend.BackendException;
import dev.jinrai.gpu.GpuDevice;
import dev.jinrai.gpu.GpuInfo;
import dev.jinrai.gpu.GpuKernel;
import dev.jinrai.gpu.GpuMemory;
import dev.jinrai.gpu.GpuRecorder;
import dev.jinrai.gpu.GpuStep;
import java.lang.foreign.MemorySegment;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lwjgl.PointerBuffer;
import org.lwjgl.system.MemoryStack;
import org.lwjgl.system.MemoryUtil;
import org.lwjgl.vulkan.VkCommandBuffer;
import org.lwjgl.vulkan.VkCommandBufferAllocateInfo;
import org.lwjgl.vulkan.VkCommandBufferBeginInfo;
import org.lwjgl.vulkan.VkCommandPoolCreateInfo;
import org.lwjgl.vulkan.VkDevice;
import org.lwjgl.vulkan.VkDeviceCreateInfo;
import org.lwjgl.vulkan.VkDeviceQueueCreateInfo;
import org.lwjgl.vulkan.VkPipelineLayoutCreateInfo;
import org.lwjgl.vulkan.VkPushConstantRange;
import org.lwjgl.vulkan.VkQueue;
import org.lwjgl.vulkan.VkSemaphoreCreateInfo;
import org.lwjgl.vulkan.VkSemaphoreTypeCreateInfo;
import org.lwjgl.vulkan.VkSemaphoreWaitInfo;
import org.lwjgl.vulkan.VkSubmitInfo;
import org.lwjgl.vulkan.VkTimelineSemaphoreSubmitInfo;

/// A device opened through Vulkan: one queue, on which steps run in the order they were submitted.
///
/// A device that nobody closed is closed when the JVM ends: NVIDIA's driver crashes otherwise, in a thread of its own. It does too where
/// one thread opens a device and another closes it, so a thread that the device owns does both. From the end of the JVM on calls do not
/// return, but those that close or free.
public final class VulkanDevice implements GpuDevice {
    /// How long the end of the JVM waits for a call that is running, and for the device to be given back.
    private static final int PATIENCE_SECONDS = 3;

    private static final long SPIN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final ReentrantLock lock = new ReentrantLock();
    private final Thread atExit = new Thread(this::exit, "close GPU");
    private volatile boolean closed;

    /// The thread that opened the device and will close it.
    private final ExecutorService owner;

    private final VulkanInstance instance;
    private final VulkanProperties properties;
    private final VkDevice device;
    private final VkQueue queue;
    private final VulkanHeap heap;
    private final long layout;
    private final long pool;
    private final Map<Key, VulkanKernel> kernels = new HashMap<>();

    /// Counts the steps that are done.
    private final long done;

    /// How many steps were submitted.
    private long submitted;

    // What a submission and a wait say, once: a step allocates nothing.
    private final LongBuffer value = MemoryUtil.memCallocLong(1);
    private final LongBuffer reached = MemoryUtil.memCallocLong(1);
    private final LongBuffer semaphore = MemoryUtil.memCallocLong(1);
    private final PointerBuffer commands = MemoryUtil.memCallocPointer(1);
    private final VkTimelineSemaphoreSubmitInfo signal = VkTimelineSemaphoreSubmitInfo.calloc();
    private final VkSubmitInfo submission = VkSubmitInfo.calloc();
    private final VkSemaphoreWaitInfo wait = VkSemaphoreWaitInfo.calloc();

    private record Key(String name, List<Integer> constants) {}

    private VulkanDevice(
            ExecutorService owner,
            VulkanInstance instance,
            VulkanProperties properties,
            VkDevice device,
            long limit) {
        this.owner = owner;
        this.instance = instance;
        this.properties = properties;
        this.device = device;
        long madeLayout = VK_NULL_HANDLE;
        long madePool = VK_NULL_HANDLE;
        try (MemoryStack stack = MemoryStack.stackPush()) {
            PointerBuffer handle = stack.mallocPointer(1);
            vkGetDeviceQueue(device, properties.queueFamily(), 0, handle);
            queue = new VkQueue(handle.get(0), device);
            heap = new VulkanHeap(this, device, properties, limit);
            madeLayout = layout(stack);
            madePool = pool(stack);
            done = counter(stack);
        } catch (RuntimeException | Error e) {
            vkDestroyCommandPool(device, madePool, null);
            vkDestroyPipelineLayout(device, madeLayout, null);
            freeStructures();
            throw e;
        }
        layout = madeLayout;
        pool = madePool;
        semaphore.put(0, done);
        signal.sType$Default().pSignalSemaphoreValues(value);
        submission
                .sType$Default()
                .pNext(signal)
                .pCommandBuffers(commands)
                .pSignalSemaphores(semaphore);
        wait.sType$Default().pSemaphores(semaphore).pValues(value).semaphoreCount(1);
    }

    /// Opens a device of [Vulkan#devices].
    ///
    /// @throws BackendException if it lacks something or is not there any more
    public static VulkanDevice open(VulkanAdapter adapter) {
        return open(adapter, Long.MAX_VALUE);
    }

    /// @param limit the most bytes to take of the device's memory, though it may have more: a small device for tests
    static VulkanDevice open(VulkanAdapter adapter, long limit) {
        if (!adapter.usable()) {
            throw new BackendException(adapter.refusal());
        }
        ExecutorService owner =
                Executors.newSingleThreadExecutor(
                        task -> Thread.ofPlatform().daemon().name("GPU").unstarted(task));
        VulkanDevice device;
        try {
            device = CompletableFuture.supplyAsync(() -> open(owner, adapter, limit), owner).join();
        } catch (CompletionException e) {
            owner.shutdown();
            throw cause(e);
        } catch (RuntimeException | Error e) { // no thread
            owner.shutdown();
            throw e;
        }
        try {
            Runtime.getRuntime().addShutdownHook(device.atExit);
        } catch (IllegalStateException e) { // the JVM ends: nobody would close it
            device.close();
            throw e;
        }
        return device;
    }

    /// {@return what went wrong in the owner's thread}
    ///
    /// @throws Error as it is
    private static RuntimeException cause(CompletionException e) {
        if (e.getCause() instanceof Error error) {
            throw error;
        }
        return e.getCause() instanceof RuntimeException cause ? cause : e;
    }

    private static VulkanDevice open(ExecutorService owner, VulkanAdapter adapter, long limit) {
        VulkanInstance instance = VulkanInstance.open();
        VkDevice device = null;
        try {
            VulkanProperties properties = Vulkan.find(instance, adapter);
            device = create(properties);
            return new VulkanDevice(owner, instance, properties, device, limit);
        } catch (RuntimeException | Error e) {
            if (device != null) {
                vkDestroyDevice(device, null);
            }
            instance.close();
            throw e;
        }
    }

    private static VkDevice create(VulkanProperties properties) {
        try (MemoryStack stack = MemoryStack.stackPush()) {
            var queues =
                    VkDeviceQueueCreateInfo.calloc(1, stack)
                            .sType$Default()
                            .queueFamilyIndex(properties.queueFamily())
                            .pQueuePriorities(stack.floats(1));
            // A device that knows the portability subset must be told that it is used.
            PointerBuffer extensions = stack.mallocPointer(5);
            Stream.of(
                            VK_EXT_MEMORY_BUDGET_EXTENSION_NAME,
                            VK_EXT_EXTERNAL_MEMORY_HOST_EXTENSION_NAME,
                            VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME,
                            VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME,
                            "VK_KHR_portability_subset")
                    .filter(properties.extensions()::contains)
                    .forEach(name -> extensions.put(stack.UTF8(name)));
            var create =
                    VkDeviceCreateInfo.calloc(stack)
                            .sType$Default()
                            .pQueueCreateInfos(queues)
                            .ppEnabledExtensionNames(extensions.flip());
            properties.enable(create, stack);
            PointerBuffer handle = stack.mallocPointer(1);
            VulkanResult.check(
                    vkCreateDevice(properties.physical(), create, null, handle),
                    properties.info().name(),
                    "opening the device");
            return new VkDevice(handle.get(0), properties.physical(), create, VK_API_VERSION_1_2);
        }
    }

    private long layout(MemoryStack stack) {
        var range =
                VkPushConstantRange.calloc(1, stack)
                        .stageFlags(VK_SHADER_STAGE_COMPUTE_BIT)
                        .size(MAX_ARGUMENTS);
        var create =
                VkPipelineLayoutCreateInfo.calloc(stack).sType$Default().pPushConstantRanges(range);
        LongBuffer handle = stack.mallocLong(1);
        check(vkCreatePipelineLayout(device, create, null, handle), "opening the device");
        return handle.get(0);
    }

    private long pool(MemoryStack stack) {
        var create =
                VkCommandPoolCreateInfo.calloc(stack)
                        .sType$Default()
                        .queueFamilyIndex(properties.queueFamily());
        LongBuffer handle = stack.mallocLong(1);
        check(vkCreateCommandPool(device, create, null, handle), "opening the device");
        return handle.get(0);
    }

    private long counter(MemoryStack stack) {
        var type =
                VkSemaphoreTypeCreateInfo.calloc(stack)
                        .sType$Default()
                        .semaphoreType(VK_SEMAPHORE_TYPE_TIMELINE);
        var create = VkSemaphoreCreateInfo.calloc(stack).sType$Default().pNext(type);
        LongBuffer handle = stack.mallocLong(1);
        check(vkCreateSemaphore(device, create, null, handle), "opening the device");
        return handle.get(0);
    }

    String name() {
        return properties.info().name();
    }

    /// {@return the most bytes that can be taken in one piece}
    public long maxAllocation() {
        return properties.maxAllocation() - VulkanChunk.ALIGNMENT;
    }

    @Override
    public GpuInfo info() {
        GpuInfo info = properties.info();
        return locked(() ->
                new GpuInfo(
                        info.name(),
                        info.driver(),
                        info.api(),
                        info.memory(),
                        heap.free(),
                        info.unified(),
                        info.software(),
                        info.subgroup(),
                        info.largestGroup(),
                        info.dots(),
                        info.matrices(),
                        info.sharedMemory(),
                        info.cores()));
    }

    @Override
    public GpuMemory allocate(long bytes, GpuMemory.Kind kind) {
        return locked(() -> heap.allocate(bytes, kind));
    }

    @Override
    public Optional<GpuMemory> share(MemorySegment file) {
        return locked(() -> heap.share(file).map(m -> m));
    }

    @Override
    public GpuKernel kernel(String name, int... constants) {
        var key = new Key(name, Arrays.stream(constants).boxed().toList());
        return locked(() ->
                kernels.computeIfAbsent(
                        key,
                        k ->
                                new VulkanKernel(
                                        name,
                                        this,
                                        VulkanPipeline.create(
                                                device, name(), layout, name, constants))));
    }

    @Override
    public GpuRecorder record() {
        return locked(() -> {
            try (MemoryStack stack = MemoryStack.stackPush()) {
                var wanted =
                        VkCommandBufferAllocateInfo.calloc(stack)
                                .sType$Default()
                                .commandPool(pool)
                                .level(VK_COMMAND_BUFFER_LEVEL_PRIMARY)
                                .commandBufferCount(1);
                PointerBuffer handle = stack.mallocPointer(1);
                check(vkAllocateCommandBuffers(device, wanted, handle), "recording a step");
                var buffer = new VkCommandBuffer(handle.get(0), device);
                var begin =
                        VkCommandBufferBeginInfo.calloc(stack)
                                .sType$Default()
                                .flags(VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT);
                check(vkBeginCommandBuffer(buffer, begin), "recording a step");
                return new VulkanRecorder(this, buffer, layout, properties.maxGroups());
            }
        });
    }

    @Override
    public void submit(GpuStep step) {
        if (!(step instanceof VulkanStep mine) || mine.device() != this) {
            throw new IllegalArgumentException("a step of another device");
        }
        locked(() -> {
            commands.put(0, mine.commands);
            value.put(0, submitted + 1);
            check(vkQueueSubmit(queue, submission, VK_NULL_HANDLE), "submitting a step");
            submitted++;
        });
    }

    @Override
    public void await() {
        locked(() -> {
            value.put(0, submitted);
            spin();
            check(vkWaitSemaphores(device, wait, Long.MAX_VALUE), "running a step");
            heap.invalidate();
        });
    }

    /// Looks whether the steps are done for as long as those of an answer take: being woken takes longer than some of them.
    private void spin() {
        if (properties.info().software()) {
            return; // it computes on the core that would look
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < SPIN_NANOS) {
            check(vkGetSemaphoreCounterValue(device, done, reached), "running a step");
            if (reached.get(0) >= submitted) {
                return;
            }
            Thread.onSpinWait();
        }
    }

    void free(VulkanMemory memory) {
        ifOpen(() -> heap.free(memory));
    }

    void free(VulkanStep step) {
        ifOpen(() -> vkFreeCommandBuffers(device, pool, step.commands));
    }

    private void check(int result, String doing) {
        VulkanResult.check(result, name(), doing);
    }

    /// Does something with the open device, while nobody else does.
    <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("GPU '%s' is closed".formatted(name()));
            }
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    /// As the other one.
    void locked(Runnable action) {
        locked(() -> {
            action.run();
            return true;
        });
    }

    /// Does something unless the device is closed, which has done it: also where the JVM ends and keeps the lock, so that
    /// others that close things at the end do not wait for ever.
    private void ifOpen(Runnable action) {
        if (!lockUnlessClosed()) {
            return;
        }
        try {
            if (!closed) {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /// {@return whether the lock came before the device was closed}
    private boolean lockUnlessClosed() {
        boolean interrupted = false;
        try {
            while (!closed) {
                try {
                    if (lock.tryLock(100, TimeUnit.MILLISECONDS)) {
                        return true;
                    }
                } catch (InterruptedException e) {
                    interrupted = true; // for later: what is given back is given back
                }
            }
            return false;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        ifOpen(this::destroy);
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the JVM ends already
        }
    }

    /// Keeps the lock for good: threads that go on while the JVM ends find no device that is half closed. A device that is busy
    /// for too long, or memory that a thread is reading a file into, stays as it is; so does one that takes as long to give back.
    private void exit() {
        try {
            if (lock.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS) && !closed) {
                closed = true;
                CompletableFuture.runAsync(this::giveBack, owner)
                        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (InterruptedException
                | ExecutionException
                | TimeoutException
                | RuntimeException e) {
            // There is nobody left to tell.
        }
    }

    private void destroy() {
        closed = true;
        try {
            CompletableFuture.runAsync(this::giveBack, owner).join();
        } catch (CompletionException e) {
            throw cause(e);
        } finally {
            owner.shutdown();
            freeStructures();
        }
    }

    private void freeStructures() {
        submission.free();
        signal.free();
        wait.free();
        MemoryUtil.memFree(value);
        MemoryUtil.memFree(reached);
        MemoryUtil.memFree(semaphore);
        MemoryUtil.memFree(commands);
    }

    private void giveBack() {
        vkDeviceWaitIdle(device); // a lost device says so, and is destroyed all the same
        heap.close();
        kernels.values().forEach(k -> vkDestroyPipeline(device, k.pipeline(), null));
        vkDestroySemaphore(device, done, null);
        vkDestroyCommandPool(device, pool, null);
        vkDestroyPipelineLayout(device, layout, null);
        vkDestroyDevice(device, null);
        instance.close();
    }
}
