package dev.jinrai;

import dev.jinrai.model.ModelException;

/// There is no memory for a model with the context that was asked for; the message says how much is needed, how
/// much there is, and which [ModelOptions] would do.
public final class MemoryException extends ModelException {
    MemoryException(String message) {
        super(message);
    }
}
