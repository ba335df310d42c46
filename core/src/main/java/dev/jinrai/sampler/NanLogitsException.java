package dev.jinrai.sampler;

/// A model computed logits that are not numbers. No token is chosen from them.
public class NanLogitsException extends RuntimeException {
    public NanLogitsException(String message) {
        super(message);
    }

    public NanLogitsException(String message, Throwable cause) {
        super(message, cause);
    }
}
