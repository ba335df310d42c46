package dev.jinrai.tokenizer;

/// What a token is for: `tokenizer.ggml.token_type`.
public enum TokenType {
    /// Type 0, and every number that is not listed here; such a token prints as nothing.
    UNDEFINED,
    /// Text; U+2581 stands for the space.
    NORMAL,
    /// What the vocabulary has no other token for. Prints only on request.
    UNKNOWN,
    /// Structure, not text: `<s>`, `<|im_end|>`. Found in text and printed only on request.
    CONTROL,
    /// Text that is found as a whole before everything else, whether special tokens are parsed or
    /// not.
    USER_DEFINED,
    /// Left over from training; prints as nothing.
    UNUSED,
    /// One byte, written `<0x0A>`.
    BYTE;

    private static final TokenType[] VALUES = values();

    /// {@return its number in a file}
    @SuppressWarnings("EnumOrdinal") // the order above is that of the files
    public int number() {
        return ordinal();
    }

    /// {@return the type of a number in a file}
    static TokenType of(int number) {
        return number >= 0 && number < VALUES.length ? VALUES[number] : UNDEFINED;
    }
}
