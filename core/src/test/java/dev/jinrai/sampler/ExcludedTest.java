package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Excluded tokens are as if they were not there: a chain chooses what it would of a vocabulary without them.
class ExcludedTest {
    private static final int TOKENS = 300;

    static Stream<Sampling> settings() {
        return Stream.of(
                Sampling.greedy(),
                Sampling.defaults(1),
                Sampling.llamaCpp(2),
                Sampling.builder().seed(3).topK(0).topP(1).minP(0).temperature(1.5f).build(),
                Sampling.builder().seed(4).topK(0).typicalP(0.5f).build(),
                Sampling.builder().seed(5).topNSigma(1).topK(0).build(),
                Sampling.builder().seed(6).xtcProbability(0.5f).xtcThreshold(0.05f).build(),
                Sampling.builder().seed(7).dynatempRange(0.5f).topK(0).build(),
                Sampling.builder().seed(8).repeatPenalty(1.3f).frequencyPenalty(0.3f).build(),
                Sampling.builder().seed(9).dryMultiplier(1).build(),
                Sampling.builder().seed(10).mirostat(2).build());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void excludedTokensAreAsIfTheyWereNotThere(Sampling settings) {
        var random = new Random(settings.seed());
        boolean[] there = new boolean[TOKENS];
        int few = 0;
        for (int id = 0; id < TOKENS; id++) {
            there[id] = random.nextInt(6) == 0;
            few += there[id] ? 1 : 0;
        }
        int[] ids = new int[few];
        for (int id = 0, n = 0; id < TOKENS; id++) {
            if (there[id]) {
                ids[n++] = id;
            }
        }
        var all = new Sampler(settings, TOKENS);
        var some = new Sampler(settings, few);
        for (int step = 0; step < 200; step++) {
            float[] logits = new float[TOKENS];
            float[] theirs = new float[few];
            Arrays.fill(logits, Float.NEGATIVE_INFINITY);
            for (int n = 0; n < few; n++) {
                theirs[n] = (float) random.nextGaussian() * 3;
                logits[ids[n]] = theirs[n];
            }
            int wanted = some.next(theirs);
            assertThat(all.next(logits)).as("step %d of %s", step, settings).isEqualTo(ids[wanted]);
            all.accept(ids[wanted]);
            some.accept(wanted);
        }
    }
}
