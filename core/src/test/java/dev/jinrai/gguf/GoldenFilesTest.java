package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.GgmlType;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every file of the reference data, written by llama.cpp's own code, against [HandParser].
class GoldenFilesTest {

    static Stream<Path> everyFile() {
        return Stream.of("quants", "models", "tokenizers")
                .flatMap(part -> Goldens.ggufs(part).stream());
    }

    static List<Path> quants() {
        return Goldens.ggufs("quants");
    }

    @ParameterizedTest
    @MethodSource("everyFile")
    void readsWhatTheHandParserReads(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        var expected = new HandParser(bytes);
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.version()).isEqualTo(3);
            assertThat(gguf.metadata().keys()).containsExactlyElementsOf(expected.values.keySet());
            for (String key : gguf.metadata().keys()) {
                assertThat(plain(gguf.metadata().find(key).orElseThrow()))
                        .as(key)
                        .isEqualTo(expected.values.get(key));
            }
            assertThat(gguf.tensors())
                    .extracting(TensorInfo::name)
                    .containsExactlyElementsOf(expected.tensors.keySet());
            for (TensorInfo tensor : gguf.tensors()) {
                assertThat(List.<Object>of(tensor.shape(), tensor.type().id(), tensor.offset()))
                        .as(tensor.name())
                        .isEqualTo(expected.tensors.get(tensor.name()));
                int from = Math.toIntExact(tensor.offset());
                int to = from + Math.toIntExact(tensor.byteSize());
                assertThat(gguf.data(tensor).toArray(ValueLayout.JAVA_BYTE))
                        .isEqualTo(Arrays.copyOfRange(bytes, from, to));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("quants")
    void typeTakesTheRoomThatGgmlGivesIt(Path file) {
        GgmlType type = GgmlType.valueOf(file.getFileName().toString().replace(".gguf", ""));
        try (Gguf gguf = Gguf.open(file)) {
            List<TensorInfo> tensors = gguf.tensors();
            assertThat(gguf.tensor("q").orElseThrow().type()).isEqualTo(type);
            for (int i = 1; i < tensors.size(); i++) {
                // ggml leaves no more than the padding between tensors.
                TensorInfo previous = tensors.get(i - 1);
                long padded = Math.ceilDiv(previous.byteSize(), 32) * 32;
                assertThat(tensors.get(i).offset()).isEqualTo(previous.offset() + padded);
            }
        }
    }

    private static Object plain(MetadataValue value) {
        return switch (value) {
            case MetadataValue.Whole whole -> whole.value();
            case MetadataValue.Real real -> real.value();
            case MetadataValue.Bool bool -> bool.value();
            case MetadataValue.Text text -> text.value();
            case MetadataValue.Array array -> {
                List<Object> elements = new ArrayList<>();
                array.elements().forEach(element -> elements.add(plain(element)));
                yield elements;
            }
        };
    }
}
