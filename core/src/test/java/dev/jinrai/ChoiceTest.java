package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.AllLogits;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Answers from as few logits as will do are those from all.
class ChoiceTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    static Stream<Sampling> settings() {
        return AllLogits.settings();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void answersAreThoseOfAllLogits(Sampling how) {
        var options = ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2);
        try (Model model = Model.open(DEMO, options)) {
            int[] prompt = model.tokenizer().encode("The old man had a", true, true);
            for (boolean ignoreEnd : new boolean[] {false, true}) {
                var generation = new Generation.Options(150, how, List.of(), ignoreEnd);
                assertThat(AllLogits.generated(model, prompt, generation))
                        .isEqualTo(AllLogits.answer(model, prompt, generation));
            }
        }
    }
}
