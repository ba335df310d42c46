package dev.jinrai.quantize;

/// A tensor has few bits already, and was not to lose some more.
public final class RequantizationException extends QuantizationException {
    public RequantizationException(String message) {
        super(message);
    }
}
