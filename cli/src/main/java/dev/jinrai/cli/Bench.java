package dev.jinrai.cli;

import dev.jinrai.Model;
import dev.jinrai.Session;
import dev.jinrai.cli.Trial.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Runs tests on a model and takes their times.
///
/// A session is fed with random ids; nothing is sampled. Every run of a test begins at the same position, so
/// the warm-up has grown the KV cache that the measured runs use.
///
/// @param warmupSeconds how long a test runs unmeasured before, once at least
record Bench(Model model, int repetitions, int warmupSeconds, Messages messages) {
    private static final long SEED = 1;

    /// @param each hears of a test when it is done
    void run(List<Trial> tests, Consumer<Measurement> each) {
        try (Session session = model.newSession()) {
            for (Trial test : tests) {
                messages.progress(test.label() + ": context");
                deepen(session, test.depth());
                each.accept(measure(session, test));
            }
        }
    }

    /// Brings the session to `depth`: the tests of one depth share the tokens before them.
    private void deepen(Session session, int depth) {
        session.rewind(Math.min(session.position(), depth));
        int missing = depth - session.position();
        if (missing > 0) {
            session.feed(ids(missing));
        }
    }

    private Measurement measure(Session session, Trial test) {
        int[] ids = ids(test.tokens());
        messages.progress(test.label() + ": warm-up");
        long start = System.nanoTime();
        do {
            nanos(session, test, ids);
        } while (System.nanoTime() - start < warmupSeconds * 1_000_000_000L);
        List<Double> tokensPerSecond = new ArrayList<>();
        for (int i = 0; i < repetitions; i++) {
            messages.progress("%s: %d of %d".formatted(test.label(), i + 1, repetitions));
            tokensPerSecond.add(test.tokens() * 1e9 / nanos(session, test, ids));
        }
        return new Measurement(test, tokensPerSecond, PeakMemory.now(model.file()));
    }

    /// {@return the time that a run takes, in nanoseconds}
    private static long nanos(Session session, Trial test, int[] ids) {
        session.rewind(test.depth());
        long start = System.nanoTime();
        if (test.kind() == Kind.PROMPT) {
            session.feed(ids);
        } else {
            int[] step = new int[1];
            for (int id : ids) {
                step[0] = id;
                session.feed(step);
            }
        }
        return System.nanoTime() - start;
    }

    private int[] ids(int count) {
        return new SplittableRandom(SEED).ints(count, 0, model.config().vocabularySize()).toArray();
    }
}
