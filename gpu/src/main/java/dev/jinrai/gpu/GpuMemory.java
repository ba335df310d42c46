package dev.jinrai.gpu;

import java.lang.foreign.MemorySegment;

/// A stretch of memory that kernels reach by its address.
public interface GpuMemory extends AutoCloseable {
    /// Where it lies and who reaches it.
    enum Kind {
        /// Fast for kernels; the host does not see it.
        DEVICE,
        /// The host writes, copies and kernels read.
        UPLOAD,
        /// Copies and kernels write, the host reads.
        READBACK
    }

    /// {@return the address of its first byte on the device; a multiple of 256 where the device allocated it}
    long address();

    long size();

    /// {@return what the host sees of it; only [Kind#UPLOAD] and [Kind#READBACK] have this}
    MemorySegment host();

    /// {@return whether kernels reach it as fast as any: it is the device's, whether or not the host sees it too}
    boolean near();

    /// Gives it back. Nothing that was submitted may still use it.
    @Override
    void close();
}
