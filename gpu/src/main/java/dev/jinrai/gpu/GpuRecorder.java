package dev.jinrai.gpu;

import java.lang.foreign.MemorySegment;

/// Records a step. Two commands with no [#barrier] between them may run at the same time.
public interface GpuRecorder {
    /// Runs `x × y × z` workgroups of a kernel.
    ///
    /// @param arguments the kernel's push constants, at most [GpuDevice#MAX_ARGUMENTS] bytes, copied at once
    void dispatch(GpuKernel kernel, int x, int y, int z, MemorySegment arguments);

    /// Copies bytes between two memories.
    void copy(GpuMemory src, long from, GpuMemory dst, long at, long bytes);

    /// What follows sees everything that was written before, by kernels, copies and (at a step's begin) the host; at the end
    /// of a step the host sees what was written to [GpuMemory.Kind#READBACK].
    void barrier();

    /// {@return the step}
    GpuStep end();
}
