package dev.jinrai.gpu;

import dev.jinrai.backend.DeviceMemoryException;

/// A device has not the memory that was asked for.
public final class GpuMemoryException extends DeviceMemoryException {
    public GpuMemoryException(String message) {
        super(message);
    }
}
