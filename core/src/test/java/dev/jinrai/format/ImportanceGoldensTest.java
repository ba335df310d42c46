package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every encoder that takes notice of an importance matrix against `goldens/quantize/importance.gguf`: eight
/// rows of 512 weights of several sizes and shapes, the importance of their columns (one in fifty is zero),
/// and the blocks that `ggml_quantize_chunk` makes of both.
class ImportanceGoldensTest {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    static Stream<EncodableFormat> formats() {
        List<GgmlType> without =
                List.of(GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q8_0, GgmlType.MXFP4);
        return Formats.ENCODABLE.stream().filter(format -> !without.contains(format.type()));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void encodesRowsAsGgmlDoes(EncodableFormat format) {
        try (Gguf gguf = Gguf.open(Goldens.file("quantize/importance.gguf"))) {
            TensorInfo blocks = gguf.tensor(format.type().name()).orElseThrow();
            float[] x = floats(gguf, "x");
            float[] importance = floats(gguf, "importance");
            int columns = importance.length;
            byte[] encoded = new byte[Math.toIntExact(blocks.byteSize())];
            for (int row = 0; row < x.length / columns; row++) {
                format.encode(
                        x,
                        row * columns,
                        importance,
                        0,
                        MemorySegment.ofArray(encoded),
                        row * format.byteSize(columns),
                        columns);
            }
            assertThat(encoded).isEqualTo(gguf.data(blocks).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    private static float[] floats(Gguf gguf, String name) {
        return gguf.data(gguf.tensor(name).orElseThrow()).toArray(FLOAT);
    }
}
