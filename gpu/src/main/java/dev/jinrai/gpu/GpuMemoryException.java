package dev.jinrai.gpu;

import dev.jinrai.backend.BackendException;

/// A device has not the memory that was asked for.
public final class GpuMemoryException extends BackendException {
    public GpuMemoryException(String message) {
        super(message);
    }
}
