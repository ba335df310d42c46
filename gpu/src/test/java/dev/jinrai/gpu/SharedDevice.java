package dev.jinrai.gpu;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.gpu.vulkan.Vulkan;
import dev.jinrai.gpu.vulkan.VulkanDevice;
import java.lang.foreign.MemorySegment;

/// One device for many backends, each of which is opened for one test: what a driver takes seconds for, compiling the
/// kernels, is done once.
final class SharedDevice implements GpuDevice {
    private static final GpuDevice DEVICE =
            VulkanDevice.open(
                    Vulkan.best()
                            .orElseThrow(() ->
                                    new AssertionError(Vulkan.unavailable().orElse("no device"))));

    /// Whether it fails from now on as a device that is gone, or as one that has no memory left.
    boolean lost;

    boolean full;

    /// How many kernels were recorded.
    int dispatches;

    /// How many bytes of memory were taken for what comes to the host.
    long readback;

    SharedDevice() {}

    /// {@return a backend on it}
    static Backend backend() {
        return new GpuBackend("vulkan", new SharedDevice());
    }

    /// {@return whether a program plays it}
    static boolean software() {
        return DEVICE.info().software();
    }

    @Override
    public GpuInfo info() {
        return DEVICE.info();
    }

    @Override
    public GpuMemory allocate(long bytes, GpuMemory.Kind kind) {
        if (full) {
            throw new GpuMemoryException("the device is full");
        }
        readback += kind == GpuMemory.Kind.READBACK ? bytes : 0;
        return DEVICE.allocate(bytes, kind);
    }

    @Override
    public GpuKernel kernel(String name, int... constants) {
        return DEVICE.kernel(name, constants);
    }

    @Override
    public GpuRecorder record() {
        GpuRecorder recorder = DEVICE.record();
        return new GpuRecorder() {
            @Override
            public void dispatch(GpuKernel kernel, int x, int y, int z, MemorySegment arguments) {
                dispatches++;
                recorder.dispatch(kernel, x, y, z, arguments);
            }

            @Override
            public void copy(GpuMemory src, long from, GpuMemory dst, long at, long bytes) {
                recorder.copy(src, from, dst, at, bytes);
            }

            @Override
            public void barrier() {
                recorder.barrier();
            }

            @Override
            public GpuStep end() {
                return recorder.end();
            }
        };
    }

    @Override
    public void submit(GpuStep step) {
        DEVICE.submit(step);
    }

    @Override
    public void await() {
        if (lost) {
            throw new BackendException("the device was lost");
        }
        DEVICE.await();
    }

    /// Leaves it open for the next.
    @Override
    public void close() {}
}
