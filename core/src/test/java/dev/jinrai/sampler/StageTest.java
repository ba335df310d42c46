package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The order of the stages counts, and settings say which logits are enough.
class StageTest {
    @Test
    void namesAreLlamaCpps() {
        String chain = "penalties;dry;top_n_sigma;top_k;typ_p;top_p;min_p;xtc;temperature";
        assertThat(Stage.parse(chain)).isEqualTo(Stage.defaults());
        assertThat(Stage.parse("temp; top-k;Typical"))
                .containsExactly(Stage.TEMPERATURE, Stage.TOP_K, Stage.TYPICAL);
        assertThat(Stage.parse("")).isEmpty();
        assertThatThrownBy(() -> Stage.parse("top_k;;min_p"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("top_n_sigma, top_k")
                .hasMessageEndingWith("got ''");
        assertThatThrownBy(() -> Stage.parse("top_k;top-k")).hasMessageContaining("twice");
    }

    @Test
    void defaultsAreOursAndLlamaCpps() {
        assertThat(Sampling.builder().build())
                .isEqualTo(new Sampling(0.7f, 40, 0.9f, 0.05f, 1, 64, 0, 0, 0))
                .isEqualTo(Sampling.defaults(0));
        assertThat(Sampling.llamaCpp(3))
                .isEqualTo(new Sampling(0.8f, 40, 0.95f, 0.05f, 1, 64, 0, 0, 3));
    }

    /// 0.5, 0.3, 0.2: top-p 0.6 keeps two; at temperature ½, where they are 25 : 9 : 4 of 38, the first alone has 0.66.
    @Test
    void theOrderCounts() {
        float[] logits = {(float) Math.log(0.5), (float) Math.log(0.3), (float) Math.log(0.2)};
        var settings =
                Sampling.builder().temperature(0.5f).topK(0).topP(0.6f).minP(0).seed(1).build();
        var last = settings.toBuilder().stages(Stage.parse("top_p;temperature")).build();
        var first = settings.toBuilder().stages(Stage.parse("temperature;top_p")).build();
        assertThat(kinds(settings, logits)).isEqualTo(2);
        assertThat(kinds(last, logits)).isEqualTo(2);
        assertThat(kinds(first, logits)).isEqualTo(1);
        var none = settings.toBuilder().stages(List.of()).build();
        assertThat(kinds(none, logits)).isEqualTo(3);
    }

    /// A quotient beyond a number, where penalties look at it: the best, as with temperature 0.
    @Test
    void aTinyTemperatureBeforePenaltiesTakesTheBest() {
        for (float sign : new float[] {1, -1}) {
            float[] logits = {sign - 4, sign * 5, sign - 3, sign - 2, sign * 4};
            int best = sign > 0 ? 1 : 3;
            for (float temperature : new float[] {1e-38f, 1e-45f}) {
                var sampler =
                        new Sampler(
                                Sampling.builder()
                                        .temperature(temperature)
                                        .repeatPenalty(1.1f)
                                        .stages(Stage.parse("temperature;penalties;top_k"))
                                        .build(),
                                logits.length);
                sampler.accept(2);
                assertThat(sampler.next(logits)).isEqualTo(best);
            }
        }
    }

    private static long kinds(Sampling settings, float[] logits) {
        var sampler = new Sampler(settings, logits.length);
        return IntStream.range(0, 500).map(_ -> sampler.next(logits)).distinct().count();
    }

    @Test
    void temperatureZeroTakesTheBestOfWhatTypicalAndXtcLeft() {
        float[] logits = {3, 2.9f, 0};
        var xtc = Sampling.builder().temperature(0).xtcProbability(1).build();
        assertThat(new Sampler(xtc, 3).next(logits)).isEqualTo(1);
        assertThat(new Sampler(xtc.toBuilder().xtcProbability(0).build(), 3).next(logits)).isZero();
    }

    @Test
    void aBiasExcludesAllOrNames() {
        var all = Map.of(0, Float.NEGATIVE_INFINITY, 1, Float.NEGATIVE_INFINITY);
        for (float temperature : new float[] {0, 1}) {
            var settings = Sampling.builder().temperature(temperature).logitBias(all).build();
            assertThatThrownBy(() -> new Sampler(settings, 2).next(new float[2]))
                    .isInstanceOf(NanLogitsException.class)
                    .hasMessageContaining("every token is excluded");
            assertThat(new Sampler(settings, 3).next(new float[3])).isEqualTo(2);
        }
        var far = Sampling.builder().logitBias(Map.of(7, 1f)).build();
        assertThatThrownBy(() -> new Sampler(far, 7))
                .hasMessage("logit-bias: wanted token ids 0 to 6, got 7");
    }

    @Test
    void whatIsNotANumberIsAnErrorWhateverTheChain() {
        for (Stage stage : Stage.values()) {
            var settings =
                    Sampling.builder()
                            .stages(List.of(stage))
                            .dryMultiplier(1)
                            .topNSigma(1)
                            .typicalP(0.5f)
                            .xtcProbability(1)
                            .build();
            for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
                assertThatThrownBy(() -> new Sampler(settings, 3).next(new float[] {1, bad, 2}))
                        .isInstanceOf(NanLogitsException.class)
                        .hasMessageContaining("token 1");
            }
        }
    }

    /// Whatever the settings and their order: where a sampler says that so many of the largest logits are enough, they are.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void ofTheLargestLogitsItChoosesAsOfAll(long seed) {
        var random = new SplittableRandom(seed);
        int withCandidates = 0;
        for (int round = 0; round < 150; round++) {
            int vocabulary = random.nextInt(2, 300);
            Sampling settings = any(random, vocabulary);
            var ofAll = new Sampler(settings, vocabulary);
            var ofSome = new Sampler(settings, vocabulary);
            for (int i = 0; i < 40; i++) {
                float[] logits = new float[vocabulary];
                for (int id = 0; id < vocabulary; id++) {
                    float logit = (float) random.nextDouble(-3, 5);
                    logits[id] = random.nextInt(3) == 0 ? Math.round(logit) : logit;
                }
                int needed = ofSome.needed();
                int id = ofAll.next(logits);
                withCandidates += needed > 0 ? 1 : 0;
                assertThat(needed == 0 ? ofSome.next(logits) : ofLargest(ofSome, needed, logits))
                        .as("seed %d, %s, token %d, needed %d", seed, settings, i, needed)
                        .isEqualTo(id);
                // Often one of few, so that sequences repeat.
                int token = random.nextBoolean() ? id : random.nextInt(Math.min(3, vocabulary));
                ofAll.accept(token);
                ofSome.accept(token);
            }
        }
        assertThat(withCandidates).isGreaterThan(1000);
    }

    private static int ofLargest(Sampler sampler, int needed, float[] logits) {
        int[] ids =
                IntStream.range(0, logits.length)
                        .boxed()
                        .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                        .mapToInt(id -> id)
                        .limit(needed)
                        .toArray();
        float[] theirs = new float[ids.length];
        for (int k = 0; k < ids.length; k++) {
            theirs[k] = logits[ids[k]];
        }
        return sampler.next(ids, theirs);
    }

    private static Sampling any(SplittableRandom random, int vocabulary) {
        var b =
                Sampling.builder()
                        .temperature(random.nextInt(4) == 0 ? 0 : (float) random.nextDouble(2))
                        .topK(random.nextInt(4) == 0 ? 0 : random.nextInt(1, 30))
                        .topP(random.nextBoolean() ? 1 : (float) random.nextDouble())
                        .minP(random.nextBoolean() ? 0 : (float) random.nextDouble(0.3))
                        .repeatPenalty(random.nextBoolean() ? 1 : (float) random.nextDouble(1, 2))
                        .presencePenalty(
                                random.nextBoolean() ? 0 : (float) random.nextDouble(-0.1, 1))
                        .repeatLastN(random.nextInt(-1, 20))
                        .seed(random.nextLong());
        if (random.nextBoolean()) {
            b.dryMultiplier((float) random.nextDouble(3)).dryLastN(random.nextInt(-1, 40));
            b.dryAllowedLength(random.nextInt(1, 3));
        }
        if (random.nextInt(3) == 0) {
            b.typicalP((float) random.nextDouble()).xtcProbability(0.5f).minKeep(2);
        }
        if (random.nextInt(4) == 0) {
            b.dynatempRange(0.5f).topNSigma((float) random.nextDouble(4));
        }
        if (random.nextInt(3) == 0) {
            float bias = random.nextInt(3) == 0 ? 1 : random.nextBoolean() ? -1 : -1e6f;
            b.logitBias(Map.of(random.nextInt(vocabulary), bias));
        }
        if (random.nextInt(2) == 0) {
            List<Stage> stages = Arrays.asList(Stage.values());
            Collections.shuffle(stages, new java.util.Random(random.nextLong()));
            b.stages(stages.subList(0, random.nextInt(stages.size() + 1)));
        }
        return b.mirostat(random.nextInt(8) == 0 ? random.nextInt(3) : 0).build();
    }

    @Test
    void stepsThatLowerNeedMoreAndStepsThatLookAtAllNeedAll() {
        var settings = Sampling.builder().logitBias(Map.of(3, -1f)).dryMultiplier(1);
        var sampler = new Sampler(settings.build(), 9);
        assertThat(sampler.needed()).isEqualTo(41); // and the bias
        for (int token : new int[] {1, 2, 3, 1, 2}) {
            sampler.accept(token);
        }
        assertThat(sampler.needed()).isEqualTo(42); // and 3, which would repeat 1 2 3
        assertThat(needed(Sampling.builder().logitBias(Map.of(3, 1f)))).isZero();
        assertThat(needed(Sampling.builder().topNSigma(1))).isZero();
        assertThat(needed(Sampling.builder().typicalP(0.5f).xtcProbability(1).dynatempRange(1)))
                .isEqualTo(40); // behind the best 40
        assertThat(needed(Sampling.builder().stages(Stage.parse("top_p;top_k")))).isZero();
        assertThat(needed(Sampling.builder().stages(Stage.parse("temperature")))).isZero();
        assertThat(needed(Sampling.builder().stages(List.of()))).isZero();
        assertThat(needed(Sampling.builder().temperature(0).topK(0))).isEqualTo(1);
        assertThat(needed(Sampling.builder().temperature(0).topK(0).typicalP(0.5f))).isZero();
        assertThat(needed(Sampling.builder().temperature(0).dynatempRange(1))).isEqualTo(40);
    }

    private static int needed(SamplingBuilder settings) {
        return new Sampler(settings.build(), 9).needed();
    }
}
