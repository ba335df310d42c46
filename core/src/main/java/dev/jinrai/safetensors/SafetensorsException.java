package dev.jinrai.safetensors;

/// A safetensors file that cannot be read, or an index that does not fit its files.
///
/// The message is one line that stands on its own: file, place, what was wanted, what was found.
public final class SafetensorsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    SafetensorsException(String message) {
        super(message);
    }

    SafetensorsException(String message, Throwable cause) {
        super(message, cause);
    }
}
