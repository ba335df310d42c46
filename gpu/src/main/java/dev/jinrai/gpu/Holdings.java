package dev.jinrai.gpu;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The memory of a device that a backend holds; what is left of it goes back when the backend is closed.
final class Holdings {
    private final GpuDevice device;
    private final List<GpuMemory> held = new ArrayList<>();

    Holdings(GpuDevice device) {
        this.device = device;
    }

    /// Takes memory of the device; its contents are undefined.
    ///
    /// @throws GpuMemoryException if the device has not enough
    GpuMemory take(long bytes, GpuMemory.Kind kind) {
        return hold(device.allocate(bytes, kind));
    }

    /// {@return `memory`, held from now on}
    GpuMemory hold(GpuMemory memory) {
        held.add(memory);
        return memory;
    }

    /// Gives memory back, if there is any. Nothing that was submitted may still use it.
    void close(@Nullable GpuMemory memory) {
        if (memory != null) {
            held.remove(memory);
            memory.close();
        }
    }

    /// Gives all back.
    void close() {
        held.forEach(GpuMemory::close);
    }
}
