package dev.jinrai.backend;

/// A backend is unknown or cannot run; the message says which, why, and what to use instead.
public class BackendException extends RuntimeException {
    public BackendException(String message) {
        super(message);
    }
}
