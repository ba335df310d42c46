package dev.jinrai.format;

/// A tensor has a type that this build cannot decode; the message lists those it can.
public class UnsupportedFormatException extends RuntimeException {
    public UnsupportedFormatException(String message) {
        super(message);
    }
}
