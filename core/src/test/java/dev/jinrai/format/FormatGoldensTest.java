package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every decoder against `goldens/quants`: pairs of blocks and what ggml's `dequantize_row_*` makes
/// of them, of quantized normal data, of random bytes and of edges (scales that are zero, negative
/// zero, negative, subnormal, the smallest and the largest; codes that are all zeros and all ones).
class FormatGoldensTest {
    private static final ValueLayout.OfInt INT =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static Stream<Format> formats() {
        return Formats.ALL.stream() // the goldens' own format, and the one they lack
                .filter(format -> !(format instanceof F32 || format instanceof Q8_K));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void decodesGgmlBlocksBitForBit(Format format) {
        for (Pair pair : pairs(format)) {
            float[] weights = new float[pair.expected().length];
            format.decode(pair.blocks(), 0, weights, 0, weights.length);
            assertThat(bits(weights)).as("%s %s", format, pair.name()).isEqualTo(pair.expected());
        }
    }

    /// The library does not decode it for others, so there is no golden.
    @Test
    void q8KIsAScaleTimesBytes() {
        MemorySegment block = MemorySegment.ofArray(new byte[292]);
        block.set(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, -0.3f);
        float[] expected = new float[256];
        for (int j = 0; j < 256; j++) {
            block.set(ValueLayout.JAVA_BYTE, 4 + j, (byte) (j - 128));
            expected[j] = -0.3f * (j - 128);
        }
        float[] weights = new float[256];
        new Q8_K().decode(block, 0, weights, 0, 256);
        assertThat(weights).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void decodesABlockFromAndToAnyPlace(Format format) {
        int length = format.blockLength();
        for (Pair pair : pairs(format)) {
            int last = pair.expected().length - length;
            MemorySegment moved = MemorySegment.ofArray(new byte[3 + format.blockBytes()]);
            long from = pair.blocks().byteSize() - format.blockBytes();
            MemorySegment.copy(pair.blocks(), from, moved, 3, format.blockBytes());
            float[] weights = new float[length + 7];
            Arrays.fill(weights, 123);

            format.decodeBlock(moved, 3, weights, 5);

            assertThat(bits(Arrays.copyOfRange(weights, 5, 5 + length)))
                    .isEqualTo(Arrays.copyOfRange(pair.expected(), last, last + length));
            assertThat(Arrays.copyOf(weights, 5)).containsOnly(123);
            assertThat(Arrays.copyOfRange(weights, 5 + length, 7 + length)).containsOnly(123);
        }
    }

    /// The formats whose blocks tell the scale they were made with. The searches of the others may
    /// find another scale for weights that are rounded already.
    static Stream<EncodableFormat> formatsWithoutSearch() {
        return Stream.of(
                new F16(),
                new BF16(),
                new Q4_0(),
                new Q4_1(),
                new Q5_0(),
                new Q5_1(),
                new Q8_0(),
                new MXFP4());
    }

    @ParameterizedTest
    @MethodSource("formatsWithoutSearch")
    void encodesTheWeightsOfGgmlBlocksToTheSameBlocks(EncodableFormat format) {
        Pair pair = pairs(format).getFirst();
        float[] weights = new float[pair.expected().length];
        format.decode(pair.blocks(), 0, weights, 0, weights.length);
        byte[] encoded = new byte[(int) pair.blocks().byteSize()];
        format.encode(weights, 0, MemorySegment.ofArray(encoded), 0, weights.length);
        assertThat(encoded).isEqualTo(pair.blocks().toArray(ValueLayout.JAVA_BYTE));
    }

    private record Pair(String name, MemorySegment blocks, MemorySegment weights) {
        /// The bits of the weights.
        int[] expected() {
            return weights.toArray(INT);
        }
    }

    private static List<Pair> pairs(Format format) {
        try (Gguf gguf = Gguf.open(Goldens.file("quants/%s.gguf".formatted(format.type())))) {
            return Stream.of("", "_rand", "_edge").map(kind -> pair(gguf, kind)).toList();
        }
    }

    private static Pair pair(Gguf gguf, String kind) {
        TensorInfo blocks = gguf.tensor("q" + kind).orElseThrow();
        TensorInfo weights = gguf.tensor("f32" + kind).orElseThrow();
        assertThat(weights.shape()).isEqualTo(blocks.shape());
        return new Pair("q" + kind, copy(gguf.data(blocks)), copy(gguf.data(weights)));
    }

    private static MemorySegment copy(MemorySegment bytes) {
        return MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
    }

    private static int[] bits(float[] weights) {
        int[] bits = new int[weights.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(weights[i]);
        }
        return bits;
    }
}
