package dev.jinrai.gguf;

import org.jspecify.annotations.Nullable;

/// A GGUF file that cannot be read, cannot be written, or lacks what was asked of it.
///
/// The message is one line that stands on its own: file, place, what was wanted, what was found.
public final class GgufException extends RuntimeException {
    private static final long serialVersionUID = 1;

    GgufException(String message) {
        super(message);
    }

    GgufException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
