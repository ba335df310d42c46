package dev.jinrai.bench;

import dev.jinrai.sampler.Sampler;
import dev.jinrai.sampler.Sampling;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One token chosen from all logits of a vocabulary of 128,256, as Llama 3's: a normal distribution with a few large ones.
///
/// The floor is one look at half a megabyte of logits.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerBenchmark {
    private static final int VOCABULARY = 128_256;
    private static final int[] LARGE = {11, 220, 279, 362, 1364, 24_000, 90_001, 128_000};

    /// `all`: every stage, and penalties, on top of llama.cpp's defaults.
    @Param({"greedy", "default", "llama.cpp", "all", "topk0", "mirostat2"})
    public String chain = "";

    private final float[] logits = new float[VOCABULARY];
    private Sampler sampler = new Sampler(Sampling.greedy(), VOCABULARY);

    @Setup
    public void prepare() {
        var random = new SplittableRandom(1);
        for (int i = 0; i < VOCABULARY; i++) {
            logits[i] = (float) random.nextGaussian(-2, 2);
        }
        for (int i = 0; i < LARGE.length; i++) {
            logits[LARGE[i]] = 14 - i;
        }
        sampler = new Sampler(settings(), VOCABULARY);
        for (int i = 0; i < 500; i++) {
            sampler.accept(LARGE[i % 7] + i % 3);
        }
        int id = new Sampler(Sampling.greedy(), VOCABULARY).next(logits);
        if (id != LARGE[0]) {
            throw new AssertionError("the largest logit is that of token " + LARGE[0]);
        }
    }

    private Sampling settings() {
        return switch (chain) {
            case "greedy" -> Sampling.greedy();
            case "default" -> Sampling.defaults(1);
            case "llama.cpp" -> Sampling.llamaCpp(1);
            case "all" ->
                    Sampling.llamaCpp(1).toBuilder()
                            .repeatPenalty(1.1f)
                            .dryMultiplier(0.8f)
                            .topNSigma(2)
                            .typicalP(0.9f)
                            .xtcProbability(0.5f)
                            .dynatempRange(0.3f)
                            .build();
            case "topk0" -> Sampling.builder().topK(0).build();
            case "mirostat2" -> Sampling.builder().mirostat(2).build();
            default -> throw new IllegalArgumentException(chain);
        };
    }

    @Benchmark
    public int token() {
        return sampler.next(logits);
    }
}
