package dev.jinrai.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.JsonLines;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The trained demo model tells the stories it tells in llama.cpp, token for token, in every format.
///
/// Story choices are nearly flat: the smallest margin between the best and the second logit along
/// these stories is 8.4e-5. llama.cpp's logits are within 2e-5 of an evaluation in float64, so an engine
/// that computes the same model as closely chooses the same tokens to the end.
class StoriesTest {
    /// How far rounded tokens may bring a logit behind another: 0.042 was measured.
    private static final float ROUNDING = 0.1f;

    /// One variant of the model on one backend.
    record Case(String file, String backend) {
        @Override
        public String toString() {
            return file + "@" + backend;
        }
    }

    static Stream<Case> cases() {
        return Stream.concat(
                Stream.of("f16", "Q8_0").map(file -> new Case(file, "cpu")),
                // The specification is slow; the formats have their own tests.
                Stream.of("f16", "Q4_K_M").map(file -> new Case(file, "scalar")));
    }

    /// Where tokens are rounded to eight bits, a margin may be smaller than what that does. So llama.cpp's tokens are fed, and each must be
    /// the best or next to it.
    @ParameterizedTest
    @ValueSource(strings = {"Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0"})
    void tokensOfStoriesAreTheBestWithinWhatRoundingDoes(String file) {
        try (Model model =
                Model.open(
                        DemoFiles.of(file),
                        ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2))) {
            for (JsonNode story : stories(file)) {
                try (Session session = model.newSession()) {
                    float[] logits = session.feed(JsonLines.ints(story.get("prompt_tokens")));
                    for (int token : JsonLines.ints(story.get("tokens"))) {
                        assertThat(largest(logits) - logits[token])
                                .as("%s: %s", file, story.get("prompt"))
                                .isLessThan(ROUNDING);
                        logits = session.feed(token);
                    }
                }
            }
        }
    }

    private static float largest(float[] logits) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        return largest;
    }

    private static List<JsonNode> stories(String file) {
        List<JsonNode> stories =
                JsonLines.read(Goldens.file("demo/stories.jsonl")).stream()
                        .filter(s -> s.get("file").asString().equals(file))
                        .toList();
        assertThat(stories).hasSize(6);
        return stories;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void greedyStoriesAreLlamaCppsTokenForToken(Case c) {
        try (Model model =
                Model.open(
                        DemoFiles.of(c.file()),
                        ModelOptions.DEFAULTS.withBackend(c.backend()).withThreads(2))) {
            for (JsonNode story : stories(c.file())) {
                int[] prompt = model.tokenizer().encode(story.get("prompt").asString(), true, true);
                assertThat(prompt).isEqualTo(JsonLines.ints(story.get("prompt_tokens")));
                int[] expected = JsonLines.ints(story.get("tokens"));
                boolean ended = story.get("ended").asBoolean();
                var options =
                        new Generation.Options(
                                ended ? expected.length + 1 : expected.length,
                                Sampling.greedy(),
                                List.of(),
                                false);
                try (Session session = model.newSession()) {
                    var generation = Generation.start(session, prompt, options, model.tokenizer());
                    List<Integer> tokens = new ArrayList<>();
                    generation.forEachRemaining(piece -> tokens.add(piece.id()));
                    assertThat(tokens.stream().mapToInt(Integer::intValue).toArray())
                            .as("%s: %s", c, story.get("prompt"))
                            .isEqualTo(expected);
                    assertThat(generation.finish())
                            .isEqualTo(ended ? Generation.Finish.STOP : Generation.Finish.LENGTH);
                }
            }
        }
    }
}
