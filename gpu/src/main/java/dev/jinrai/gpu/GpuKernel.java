package dev.jinrai.gpu;

/// A compute program, ready to run: made by [GpuDevice#kernel], which owns it.
public interface GpuKernel {
    /// {@return its name, for messages}
    String name();
}
