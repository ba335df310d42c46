package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.JsonLines;
import dev.jinrai.testing.Nmse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What llama.cpp says with a model, and what a model here has to say beside it.
final class GoldenModels {
    /// The model that tells stories.
    static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    private GoldenModels() {}

    /// Lets the demo model tell its story.
    ///
    /// @param length tokens that are compared
    static void tellsItsStory(ModelOptions options, int length) {
        var story =
                JsonLines.read(Goldens.file("demo/stories.jsonl")).stream()
                        .filter(s -> s.get("file").asString().equals("Q8_0"))
                        .findFirst()
                        .orElseThrow();
        int[] expected = Arrays.copyOf(JsonLines.ints(story.get("tokens")), length);
        try (Model model = Model.open(DEMO, options);
                Session session = model.newSession()) {
            var greedy = new Generation.Options(length, Sampling.greedy(), List.of(), false);
            int[] prompt = JsonLines.ints(story.get("prompt_tokens"));
            List<Integer> tokens = new ArrayList<>();
            Generation.start(session, prompt, greedy, model.tokenizer())
                    .forEachRemaining(piece -> tokens.add(piece.id()));
            assertThat(tokens.stream().mapToInt(Integer::intValue).toArray()).isEqualTo(expected);
        }
    }

    /// Feeds a session with llama.cpp's answer, whose prompt it has: each token has to be the largest logit's, and the logits
    /// after it llama.cpp's.
    ///
    /// @param logits after the prompt
    /// @param nmse what the logits may be off
    /// @return the largest error, as NMSE
    static double answersLike(
            GoldenRun golden, Session session, float[] logits, double nmse, double maxAbs) {
        int vocabulary = session.vocabularySize();
        float[] expected = golden.floats("greedy_logits");
        int[] greedy = golden.greedy();
        double worst = 0;
        float[] current = logits;
        for (int i = 0; i < greedy.length; i++) {
            assertThat(largest(current)).as("token %d", i).isEqualTo(greedy[i]);
            current = session.feed(greedy[i]);
            float[] wanted = Arrays.copyOfRange(expected, i * vocabulary, (i + 1) * vocabulary);
            Nmse error = Nmse.of(current, wanted);
            error.isWithin(nmse, maxAbs, "logits after token " + i);
            worst = Math.max(worst, error.nmse());
        }
        return worst;
    }

    /// {@return the id of the largest logit, of equal ones the lower}
    static int largest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
