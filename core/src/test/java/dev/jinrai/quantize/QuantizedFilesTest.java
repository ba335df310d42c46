package dev.jinrai.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Variants;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Every tensor of the files that llama-quantize made for `goldens/models`, made again from the F32
/// file it was given: the type and every byte. `dev.jinrai.testing.VariantsTest` does the same for
/// whole files of the demo model.
class QuantizedFilesTest {

    @ParameterizedTest
    @CsvSource({
        "llama_q, Q8_0",
        "llama_q, Q6_K",
        "llama_q, Q5_K_M",
        "llama_q, Q4_K_M",
        "llama_q, Q4_0",
        "llama, F16",
        "llama, BF16",
    })
    void isWhatLlamaQuantizeMade(String name, Mix mix) {
        try (Gguf source = Gguf.open(Goldens.file("models/%s.gguf".formatted(name)));
                Gguf made = Gguf.open(Goldens.file("models/%s-%s.gguf".formatted(name, mix)))) {
            Mix.Model model = Mix.Model.of(source);
            assertThat(made.metadata().int32("general.file_type")).isEqualTo(mix.fileType());
            assertThat(made.tensors()).hasSameSizeAs(source.tensors());
            for (TensorInfo expected : made.tensors()) {
                TensorInfo tensor = source.tensor(expected.name()).orElseThrow();
                assertThat(mix.typeOf(tensor, model)).as(tensor.name()).isEqualTo(expected.type());
                assertThat(
                                Variants.encoded(source, tensor, expected.type())
                                        .mismatch(made.data(expected)))
                        .as("first different byte of %s", tensor.name())
                        .isEqualTo(-1);
            }
        }
    }
}
