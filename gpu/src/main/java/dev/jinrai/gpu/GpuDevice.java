package dev.jinrai.gpu;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A GPU as the backend uses it: memory by address, kernels, and steps that are recorded once and run again.
///
/// The seam between the transformer's verbs ([GpuBackend]) and a driver ([dev.jinrai.gpu.vulkan]). Calls come from one thread
/// at a time. What the driver refuses is a [dev.jinrai.backend.BackendException] with one clear line; want of memory and a lost
/// device are a [dev.jinrai.backend.DeviceException].
public interface GpuDevice extends AutoCloseable {
    /// Most bytes of a kernel's arguments: what every driver guarantees.
    int MAX_ARGUMENTS = 128;

    /// {@return what this device is and can do}
    GpuInfo info();

    /// Takes memory of the device; its contents are undefined.
    ///
    /// @throws GpuMemoryException if the device has not enough
    GpuMemory allocate(long bytes, GpuMemory.Kind kind);

    /// Lets kernels read a mapped file where it lies in the host's memory: nothing is copied. The file has to stay mapped until
    /// the memory is closed, and the address may be any that the file's layout gives.
    ///
    /// @return nothing if the host's memory is not the device's too, or the driver cannot do it
    default Optional<GpuMemory> share(MemorySegment file) {
        return Optional.empty();
    }

    /// {@return a kernel of this build, made ready to run}
    ///
    /// @param name the kernel's file without its ending
    /// @param constants the values of its specialization constants 0, 1, 2 …
    GpuKernel kernel(String name, int... constants);

    /// Begins to record a step.
    GpuRecorder record();

    /// Runs a recorded step after all that were submitted before; does not wait. The step may be submitted again and again.
    void submit(GpuStep step);

    /// Waits until all that was submitted is done.
    void await();

    /// Gives everything back. What was made by this device is not used any more.
    @Override
    void close();
}
