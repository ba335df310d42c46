package dev.jinrai.quantize;

/// A tensor cannot become what was asked for: it has a weight that is not finite or too large for the
/// wanted type, or a name that does not say which layer it belongs to; or an importance matrix is none.
public class QuantizationException extends RuntimeException {
    public QuantizationException(String message) {
        super(message);
    }
}
