package dev.jinrai.testing;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.sampler.Sampler;
import dev.jinrai.sampler.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Answers whose tokens are chosen from all logits, which is how it is defined, beside those of [Generation], which reads as few as
/// it can.
public final class AllLogits {
    private AllLogits() {}

    /// {@return settings of all kinds: those to which the largest logits are enough, and those that need all}
    public static Stream<Sampling> settings() {
        return Stream.of(
                Sampling.greedy(),
                Sampling.defaults(5),
                new Sampling(1.2f, 200, 1, 0, 1, 64, 0, 0, 6),
                new Sampling(0, 0, 1, 0, 1.3f, 64, 0, 0, 0),
                new Sampling(0.8f, 40, 0.9f, 0.05f, 1.3f, -1, 0.2f, 0.1f, 7),
                new Sampling(0.8f, 40, 0.9f, 0.05f, 1, 64, -0.5f, 0, 8),
                new Sampling(0.8f, 0, 0.9f, 0, 1, 64, 0, 0, 9));
    }

    /// {@return the tokens that [Generation] chooses}
    public static List<Integer> generated(Model model, int[] prompt, Generation.Options options) {
        List<Integer> ids = new ArrayList<>();
        try (Session session = model.newSession()) {
            Generation.start(session, prompt, options, model.tokenizer())
                    .forEachRemaining(piece -> ids.add(piece.id()));
        }
        return ids;
    }

    /// {@return the tokens as a sampler chooses them from all logits}
    public static List<Integer> answer(Model model, int[] prompt, Generation.Options options) {
        int tokens = model.tokenizer().vocabulary().size();
        int[] ends = model.tokenizer().vocabulary().endOfGeneration();
        List<Integer> ids = new ArrayList<>();
        try (Session session = model.newSession()) {
            var sampler = new Sampler(options.sampling(), session.vocabularySize());
            Arrays.stream(prompt).forEach(sampler::accept);
            float[] logits = session.feed(prompt);
            while (ids.size() < options.maxTokens()) {
                Arrays.fill(logits, tokens, logits.length, Float.NEGATIVE_INFINITY);
                if (options.ignoreEnd()) {
                    Arrays.stream(ends).forEach(end -> exclude(logits, end));
                }
                int id = sampler.next(logits);
                if (Arrays.stream(ends).anyMatch(end -> end == id)) {
                    return ids;
                }
                ids.add(id);
                sampler.accept(id);
                session.feed(id);
            }
        }
        return ids;
    }

    private static void exclude(float[] logits, int id) {
        logits[id] = Float.NEGATIVE_INFINITY;
    }
}
