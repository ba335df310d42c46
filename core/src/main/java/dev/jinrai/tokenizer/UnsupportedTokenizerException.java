package dev.jinrai.tokenizer;

/// The model's tokenizer is of a family that this build does not have.
public final class UnsupportedTokenizerException extends TokenizerException {
    private static final long serialVersionUID = 1;

    public UnsupportedTokenizerException(String message) {
        super(message);
    }
}
