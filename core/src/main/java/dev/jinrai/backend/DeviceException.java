package dev.jinrai.backend;

/// A device that a backend computes on failed; the message says which, at what, and what to do next.
///
/// Caches hold what they held before the call. A device that was lost can only be closed; one that has no memory left
/// ([DeviceMemoryException]) goes on.
public class DeviceException extends BackendException {
    public DeviceException(String message) {
        super(message);
    }
}
