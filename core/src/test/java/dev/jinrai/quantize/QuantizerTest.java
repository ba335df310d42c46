package dev.jinrai.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.format.UnsupportedFormatException;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizerTest {

    /// More rows than one task takes, so that several threads work.
    @ParameterizedTest
    @CsvSource({"F32, Q4_K", "F16, Q6_K", "BF16, Q8_0", "Q8_0, Q5_K", "Q6_K, F32", "F32, F16"})
    void theBytesAreThoseOfOneRowAfterAnother(GgmlType from, GgmlType to) {
        long seed = System.nanoTime();
        var tensor = new TensorInfo("blk.0.ffn_up_exps.weight", from, List.of(256L, 101L, 5L), 0);
        float[] weights = new float[256 * 505];
        Random random = new Random(seed);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
        }
        MemorySegment src = bytes(from.byteSize(weights.length));
        Formats.encodable(from).encode(weights, 0, src, 0, weights.length);
        Formats.of(from).decode(src, 0, weights, 0, weights.length);
        MemorySegment expected = bytes(to.byteSize(weights.length));
        Formats.encodable(to).encode(weights, 0, expected, 0, weights.length);

        MemorySegment dst = bytes(to.byteSize(weights.length));
        Quantizer.quantize(tensor, src, to, dst);

        assertThat(dst.mismatch(expected)).as("seed %d", seed).isEqualTo(-1);
    }

    @Test
    void everyExpertHasItsOwnImportance() {
        var tensor =
                new TensorInfo("blk.0.ffn_up_exps.weight", GgmlType.F32, List.of(256L, 3L, 2L), 0);
        float[] weights = new float[256 * 6];
        float[] importance = new float[512];
        Random random = new Random(3);
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) random.nextGaussian();
            importance[i % 512] = random.nextFloat();
        }
        EncodableFormat format = Formats.encodable(GgmlType.Q4_K);
        MemorySegment expected = bytes(6 * 144);
        for (int row = 0; row < 6; row++) {
            int expert = row / 3 * 256;
            format.encode(weights, row * 256, importance, expert, expected, row * 144L, 256);
        }
        MemorySegment dst = bytes(6 * 144);
        MemorySegment src = MemorySegment.ofArray(weights);
        Quantizer.quantize(tensor, src, GgmlType.Q4_K, dst, importance);
        assertThat(dst.mismatch(expected)).isEqualTo(-1);
        assertThatThrownBy(
                        () -> Quantizer.quantize(tensor, src, GgmlType.Q4_K, dst, new float[256]))
                .hasMessage(
                        "blk.0.ffn_up_exps.weight: wanted the importance of 512 columns, got 256");
        importance[7] = -1;
        assertThatThrownBy(() -> Quantizer.quantize(tensor, src, GgmlType.Q4_K, dst, importance))
                .hasMessage(
                        "blk.0.ffn_up_exps.weight: wanted importances that are finite and not"
                                + " negative, got -1.0");
    }

    @Test
    void aTensorOfTheTypeIsCopiedWhateverItHolds() {
        var tensor = new TensorInfo("rope_freqs.weight", GgmlType.F32, List.of(2L), 0);
        MemorySegment src = MemorySegment.ofArray(new int[] {0x7F80_0001, 0xFFFF_FFFF});
        MemorySegment dst = bytes(8);
        Quantizer.quantize(tensor, src, GgmlType.F32, dst);
        assertThat(dst.mismatch(src)).isEqualTo(-1);
    }

    @Test
    void copiesATypeThisBuildCannotDecode() {
        var tensor = new TensorInfo("blk.0.ffn_up.weight", GgmlType.Q8_1, List.of(32L), 0);
        MemorySegment src = MemorySegment.ofArray(new byte[36]).fill((byte) 7);
        MemorySegment dst = bytes(36);
        Quantizer.quantize(tensor, src, GgmlType.Q8_1, dst);
        assertThat(dst.toArray(ValueLayout.JAVA_BYTE)).containsOnly(7);
    }

    @Test
    void aTensorWithoutElementsIsNoWork() {
        var tensor = new TensorInfo("empty.weight", GgmlType.F32, List.of(256L, 0L), 0);
        Quantizer.quantize(tensor, bytes(0), GgmlType.Q4_K, bytes(0));
    }

    @Test
    void saysWhereAWeightIsNotFinite() {
        float[] weights = new float[96];
        weights[64 + 17] = Float.NaN;
        assertThatThrownBy(() -> quantize(weights, GgmlType.Q8_0))
                .isInstanceOf(QuantizationException.class)
                .hasMessage("blk.0.ffn_up.weight: row 2, column 17 is NaN, wanted a finite weight");
    }

    @Test
    void saysWhereAWeightIsTooLarge() {
        float[] weights = new float[96];
        weights[32 + 5] = 1e6f;
        assertThatThrownBy(() -> quantize(weights, GgmlType.F16))
                .isInstanceOf(QuantizationException.class)
                .hasMessage("blk.0.ffn_up.weight: row 1, column 5 is 1000000.0, too large for F16");
        weights[32 + 5] = -1e8f;
        assertThatThrownBy(() -> quantize(weights, GgmlType.Q8_0))
                .isInstanceOf(QuantizationException.class)
                .hasMessage("blk.0.ffn_up.weight: row 1, column 5 is -1.0E8, too large for Q8_0");
    }

    @Test
    void refusesTheWrongNumberOfBytesRowsThatAreNotWholeBlocksAndUnknownTypes() {
        float[] weights = new float[96];
        var tensor = new TensorInfo("blk.0.ffn_up.weight", GgmlType.F32, List.of(32L, 3L), 0);
        MemorySegment src = MemorySegment.ofArray(weights);
        assertThatThrownBy(() -> Quantizer.quantize(tensor, src, GgmlType.Q8_0, bytes(101)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("blk.0.ffn_up.weight: [32, 3] as Q8_0 takes 102 bytes, got 101");
        var narrow = new TensorInfo("blk.0.ffn_up.weight", GgmlType.F32, List.of(16L, 6L), 0);
        assertThatThrownBy(() -> Quantizer.quantize(narrow, src, GgmlType.Q8_0, bytes(102)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "blk.0.ffn_up.weight: rows of 16 do not divide into Q8_0's blocks of 32");
        assertThatThrownBy(() -> quantize(weights, GgmlType.Q8_1))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageStartingWith("tensor type Q8_1 cannot be written (known: BF16, F16, ");
    }

    private static void quantize(float[] weights, GgmlType type) {
        var tensor = new TensorInfo("blk.0.ffn_up.weight", GgmlType.F32, List.of(32L, 3L), 0);
        MemorySegment src = MemorySegment.ofArray(weights);
        Quantizer.quantize(tensor, src, type, bytes(type.byteSize(weights.length)));
    }

    private static MemorySegment bytes(long size) {
        return MemorySegment.ofArray(new byte[Math.toIntExact(size)]);
    }
}
