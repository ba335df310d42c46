package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvType;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.JsonLines;
import dev.jinrai.testing.Nmse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole models on the GPU say what they say in llama.cpp.
class VulkanModelsTest {
    /// Sums of f32 on every side, in other orders: that of the CPU's backends.
    private static final double NMSE = 1e-10;

    private static final double MAX_ABS = 3e-4;

    private static Model open(Path file, KvType type) {
        return Model.open(file, ModelOptions.DEFAULTS.withBackend("vulkan").withKvType(type));
    }

    private static Path demo() {
        return Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama_yarn", "llama_moe"})
    void logitsAndGreedyTextAreLlamaCpps(String name) {
        try (Model model = open(Goldens.file("models/" + name + ".gguf"), KvType.F32);
                Session session = model.newSession();
                GoldenRun golden = new GoldenRun(Goldens.file("models/" + name + ".golden.gguf"))) {
            int vocabulary = session.vocabularySize();
            float[] expected = golden.floats("logits");

            List<float[]> rows = new ArrayList<>();
            session.feed(golden.tokens(), (_, row) -> rows.add(row.clone()));
            float[] all = new float[expected.length];
            for (int i = 0; i < rows.size(); i++) {
                System.arraycopy(rows.get(i), 0, all, i * vocabulary, vocabulary);
            }
            double worst = within(all, expected, name + ": logits of the prompt");

            float[] after = golden.floats("greedy_logits");
            float[] logits = rows.getLast();
            int[] greedy = golden.greedy();
            for (int i = 0; i < greedy.length; i++) {
                assertThat(largest(logits)).as("%s: token %d", name, i).isEqualTo(greedy[i]);
                logits = session.feed(greedy[i]);
                float[] wanted = Arrays.copyOfRange(after, i * vocabulary, (i + 1) * vocabulary);
                worst = Math.max(worst, within(logits, wanted, name + ": logits after " + i));
            }
            System.out.printf(
                    "%s on %s: NMSE of logits %.1e%n", name, model.backend().device(), worst);
        }
    }

    private static double within(float[] actual, float[] expected, String what) {
        Nmse error = Nmse.of(actual, expected);
        error.isWithin(NMSE, MAX_ABS, what);
        return error.nmse();
    }

    @Test
    void theDemoModelBeginsItsStory() {
        var story =
                JsonLines.read(Goldens.file("demo/stories.jsonl")).stream()
                        .filter(s -> s.get("file").asString().equals("Q8_0"))
                        .findFirst()
                        .orElseThrow();
        int[] expected = Arrays.copyOf(JsonLines.ints(story.get("tokens")), 64);
        try (Model model = open(demo(), KvType.F16);
                Session session = model.newSession()) {
            var options =
                    new Generation.Options(expected.length, Sampling.greedy(), List.of(), false);
            var generation =
                    Generation.start(
                            session,
                            JsonLines.ints(story.get("prompt_tokens")),
                            options,
                            model.tokenizer());
            List<Integer> tokens = new ArrayList<>();
            generation.forEachRemaining(piece -> tokens.add(piece.id()));
            assertThat(tokens.stream().mapToInt(Integer::intValue).toArray()).isEqualTo(expected);
        }
    }

    @Test
    void aContextThatTheDeviceCannotHoldIsRefusedBeforeAnythingIsLoaded() {
        var options = ModelOptions.DEFAULTS.withBackend("vulkan").withContext(Integer.MAX_VALUE);
        assertThatThrownBy(() -> Model.open(demo(), options))
                .isInstanceOf(DeviceMemoryException.class)
                .hasMessageMatching(
                        ".*demo-Q8_0\\.gguf: \\d+ MiB of the memory of '.*' are needed \\(\\d+ MiB"
                            + " for weights, \\d+ MiB for keys and values of 2147483647 tokens,"
                            + " \\d+ MiB to compute with\\) and \\d+ MiB are free; a context of"
                            + " \\d+ or less fits, (\\d of 6 layers fit with the backend hybrid,"
                            + " )?the backend cpu needs no memory of a GPU");
    }

    private static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }
}
