package dev.jinrai.safetensors;

import java.util.Optional;

/// The types of elements, by their names in files.
///
/// Source: `enum Dtype` in Hugging Face's safetensors 0.8.
public enum DType {
    BOOL(8),
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private final int bits;

    DType(int bits) {
        this.bits = bits;
    }

    /// Bits of an element.
    public int bits() {
        return bits;
    }

    /// {@return the length of `elements` elements, in bytes}
    ///
    /// @throws ArithmeticException if it is not whole, or does not fit a `long`
    long byteSize(long elements) {
        long all = Math.multiplyExact(elements, (long) bits);
        if (all % Byte.SIZE != 0) {
            throw new ArithmeticException("not a whole number of bytes");
        }
        return all / Byte.SIZE;
    }

    /// {@return the type of this name, or empty if there is none}
    static Optional<DType> named(String name) {
        for (DType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
