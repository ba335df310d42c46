package dev.jinrai.backend;

/// A device has not the memory that was asked for; the message says how much that was, how much there is and what helps.
public class DeviceMemoryException extends DeviceException {
    public DeviceMemoryException(String message) {
        super(message);
    }
}
