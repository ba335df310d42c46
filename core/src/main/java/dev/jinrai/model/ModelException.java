package dev.jinrai.model;

/// The file is sound but not a model this build can run here; the message says what is missing or wrong.
public class ModelException extends RuntimeException {
    public ModelException(String message) {
        super(message);
    }
}
