package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import java.nio.file.Path;

/// The demo model's beginning of a story on the specification, and the same tokens on another backend.
final class SelfTestModel {
    private static final int STEPS = 12;

    /// What a GPU may differ by in the whole: requirements ask for one hundredth.
    private static final double LIMIT = 1e-3;

    private final int[] prompt;
    private final int[] greedy;
    private final float[][] logits; // after the prompt and each greedy token but the last

    private SelfTestModel(int[] prompt, int[] greedy, float[][] logits) {
        this.prompt = prompt;
        this.greedy = greedy;
        this.logits = logits;
    }

    static SelfTestModel specification(Path file) {
        try (Model model = open(file, ModelOptions.DEFAULTS.withBackend("scalar"));
                Session session = model.newSession()) {
            int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
            int[] greedy = new int[STEPS];
            float[][] logits = new float[STEPS][];
            float[] next = session.feed(prompt);
            for (int i = 0; i < STEPS; i++) {
                logits[i] = next.clone();
                greedy[i] = largest(next);
                if (i + 1 < STEPS) {
                    next = session.feed(greedy[i]);
                }
            }
            return new SelfTestModel(prompt, greedy, logits);
        }
    }

    /// {@return the comparison, whose error is the largest of all steps; a token that is not the same is a problem}
    Check on(Path file, ModelOptions options) {
        String name = "demo model";
        long start = System.nanoTime();
        try (Model model = open(file, options);
                Session session = model.newSession()) {
            double error = 0;
            String problem = "";
            float[] next = session.feed(prompt);
            for (int i = 0; i < STEPS; i++) {
                error = Math.max(error, SelfTest.error(next, logits[i]));
                if (largest(next) != greedy[i] && problem.isEmpty()) {
                    problem =
                            "token %d of the story: wanted %d, got %d"
                                    .formatted(i, greedy[i], largest(next));
                }
                if (i + 1 < STEPS) {
                    next = session.feed(greedy[i]);
                }
            }
            return new Check(name, error, LIMIT, System.nanoTime() - start, problem);
        } catch (RuntimeException e) {
            return SelfTest.failed(name, LIMIT, System.nanoTime() - start, e);
        }
    }

    private static Model open(Path file, ModelOptions options) {
        return Model.open(file, options.withKvType(KvType.F32).withContext(64));
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
