package dev.jinrai.json;

/// A document that is no JSON, or a value that is not what was wanted; one line says where.
public final class JsonException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public JsonException(String message) {
        super(message);
    }
}
