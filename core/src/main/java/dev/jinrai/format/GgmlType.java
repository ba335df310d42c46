package dev.jinrai.format;

import java.util.Optional;

/// Every tensor type ggml has a number for, with the shape of its block.
///
/// A row is a whole number of blocks; a block holds [#blockLength()] weights in [#blockBytes()]
/// bytes. Numbers that ggml gave away and took back (4 and 5: Q4_2 and Q4_3; 31 to 33 and 36 to 38:
/// interleaved Q4_0 and IQ4_NL) name no type. Having a constant here does not mean that a type can
/// be decoded: Q8_1, for instance, is an intermediate type, of tokens while they are multiplied, that
/// no model file stores, so there is no [Format] of it.
///
/// Source: `enum ggml_type` (ggml.h) and the block structs (ggml-common.h), ggml 0.27.0.
public enum GgmlType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q8_1(9, 32, 36),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18),
    Q2_0(42, 64, 18);

    private static final GgmlType[] ALL = values();

    private final int id;
    private final int blockLength;
    private final int blockBytes;

    GgmlType(int id, int blockLength, int blockBytes) {
        this.id = id;
        this.blockLength = blockLength;
        this.blockBytes = blockBytes;
    }

    /// The number that stands for this type in a file.
    public int id() {
        return id;
    }

    /// Weights per block.
    public int blockLength() {
        return blockLength;
    }

    /// Bytes per block.
    public int blockBytes() {
        return blockBytes;
    }

    /// {@return the length of `elements` consecutive weights, in bytes}
    ///
    /// @throws IllegalArgumentException if `elements` is negative or not a whole number of blocks
    /// @throws ArithmeticException if the length does not fit a `long`
    public long byteSize(long elements) {
        if (elements < 0 || elements % blockLength != 0) {
            throw new IllegalArgumentException(
                    "%s stores blocks of %d weights; %d is not a multiple"
                            .formatted(this, blockLength, elements));
        }
        return Math.multiplyExact(elements / blockLength, blockBytes);
    }

    /// {@return the type with this number, or empty if ggml has none}
    public static Optional<GgmlType> of(int id) {
        for (GgmlType type : ALL) {
            if (type.id == id) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
