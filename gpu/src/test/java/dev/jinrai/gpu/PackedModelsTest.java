package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.JsonLines;
import dev.jinrai.testing.Nmse;
import dev.jinrai.testing.Variants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole models by packed dot products say what they say in llama.cpp, which did not quantize activations at all.
class PackedModelsTest {
    /// Activations of sixteen bits, as in [FusionTest]; 6e-9 to 1.2e-8 where it was measured.
    private static final double NMSE = 5e-8;

    private static Model open(Path file, KvType type) {
        return Model.open(
                file, ModelOptions.DEFAULTS.withBackend(PackedProvider.NAME).withKvType(type));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama_q-Q8_0",
                "llama_q-Q4_0",
                "llama_q-Q4_K_M",
                "llama_q-Q5_K_M",
                "llama_q-Q6_K"
            })
    void greedyTextAndItsLogitsAreLlamaCpps(String name) {
        try (Model model = open(Variants.file(name), KvType.F32);
                Session session = model.newSession();
                GoldenRun golden =
                        new GoldenRun(Goldens.file("models/" + name + ".exact.golden.gguf"))) {
            int vocabulary = session.vocabularySize();
            float[] expected = golden.floats("greedy_logits");
            int[] greedy = golden.greedy();
            float[] logits = session.feed(golden.tokens());
            double worst = 0;
            for (int i = 0; i < greedy.length; i++) {
                assertThat(largest(logits)).as("token %d", i).isEqualTo(greedy[i]);
                logits = session.feed(greedy[i]);
                float[] wanted = Arrays.copyOfRange(expected, i * vocabulary, (i + 1) * vocabulary);
                Nmse error = Nmse.of(logits, wanted);
                error.isWithin(NMSE, Double.POSITIVE_INFINITY, "logits after token " + i);
                worst = Math.max(worst, error.nmse());
            }
            System.out.printf("%s packed: NMSE of logits %.1e%n", name, worst);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q8_0"})
    void theDemoModelTellsItsStory(KvType type) {
        var story =
                JsonLines.read(Goldens.file("demo/stories.jsonl")).stream()
                        .filter(s -> s.get("file").asString().equals("Q8_0"))
                        .findFirst()
                        .orElseThrow();
        int length = type == KvType.F16 ? 64 : 12; // keys of 8 bits change it sooner or later
        int[] expected = Arrays.copyOf(JsonLines.ints(story.get("tokens")), length);
        try (Model model = open(Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf"), type);
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

    private static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
