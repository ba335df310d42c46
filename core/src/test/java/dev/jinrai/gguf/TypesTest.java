package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.jinrai.format.GgmlType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The numbers that stand for types in a file.
class TypesTest {

    @ParameterizedTest
    @EnumSource
    void ggmlTypesAreFoundByTheirNumber(GgmlType type) {
        assertThat(GgmlType.of(type.id())).contains(type);
        assertThat(type.byteSize(3L * type.blockLength())).isEqualTo(3L * type.blockBytes());
    }

    @ParameterizedTest
    @EnumSource
    void valueTypesAreFoundByTheirNumber(ValueType type) {
        assertThat(ValueType.of(type.id())).contains(type);
        assertThat(type.isInteger() && type.isFloat()).isFalse();
    }

    @Test
    void otherNumbersStandForNothing() {
        assertThat(GgmlType.of(-1)).isEmpty();
        assertThat(GgmlType.of(4)).isEmpty();
        assertThat(ValueType.of(-1)).isEmpty();
        assertThat(ValueType.of(13)).isEmpty();
    }

    @Test
    void onlyWholeBlocksHaveASize() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GgmlType.Q4_0.byteSize(33))
                .withMessage("Q4_0 stores blocks of 32 weights; 33 is not a multiple");
        assertThatIllegalArgumentException().isThrownBy(() -> GgmlType.F32.byteSize(-1));
        assertThatExceptionOfType(ArithmeticException.class)
                .isThrownBy(() -> GgmlType.F32.byteSize(1L << 61));
    }
}
