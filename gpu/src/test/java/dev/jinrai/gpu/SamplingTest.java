package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.AllLogits;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Answers chosen from the largest logits, which the device finds, are those from all logits.
class SamplingTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    static Stream<Sampling> settings() {
        return AllLogits.settings();
    }

    private static Model model;

    @BeforeAll
    static void open() {
        model = Model.open(DEMO, ModelOptions.DEFAULTS.withBackend("vulkan"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void answersAreThoseOfAllLogits(Sampling how) {
        compare(model, how, true);
    }

    /// By packed dot products; with layers on both, and with all on the device, output included.
    @ParameterizedTest
    @CsvSource({PackedProvider.NAME + ",0", "hybrid,2", "hybrid,6"})
    void soAreThoseOfOtherBackends(String backend, int layers) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withThreads(2);
        options = layers == 0 ? options : options.withGpuLayers(layers);
        try (Model other = Model.open(DEMO, options)) {
            compare(other, Sampling.greedy(), false);
            compare(other, Sampling.defaults(5), true);
        }
    }

    private static void compare(Model model, Sampling how, boolean ignoreEnd) {
        int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
        var options = new Generation.Options(12, how, List.of(), ignoreEnd);
        assertThat(AllLogits.generated(model, prompt, options))
                .hasSize(12)
                .isEqualTo(AllLogits.answer(model, prompt, options));
    }
}
