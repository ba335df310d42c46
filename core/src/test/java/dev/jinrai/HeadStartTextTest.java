package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The demo model's logits are the same, bit for bit, before the vector kernels are compiled and after, which are used in
/// turn in one process.
class HeadStartTextTest {
    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    @Test
    void theFirstLogitsAreThoseOfLater() {
        List<float[]> expected = logits(1);
        List<float[]> actual = logits(90);

        for (int i = 0; i < actual.size(); i++) {
            assertThat(actual.get(i)).as("pass %d", i).isEqualTo(expected.get(i % 6));
        }
    }

    /// {@return of each round those after a prompt and after each of five more tokens}
    private static List<float[]> logits(int rounds) {
        List<float[]> all = new ArrayList<>();
        try (Model model =
                        Model.open(DEMO, ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2));
                Session session = model.newSession()) {
            for (int round = 0; round < rounds; round++) {
                session.rewind(0);
                all.add(session.feed(1, 391, 432, 261, 399).clone());
                for (int i = 0; i < 5; i++) {
                    all.add(session.feed(500 + i).clone());
                }
            }
        }
        return all;
    }
}
