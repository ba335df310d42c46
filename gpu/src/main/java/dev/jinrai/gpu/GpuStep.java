package dev.jinrai.gpu;

/// Dispatches and copies, recorded, to be run as a whole: made by [GpuRecorder#end].
public interface GpuStep extends AutoCloseable {
    /// Gives it back. It must not be running.
    @Override
    void close();
}
