package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.testing.Goldens;
import dev.jinrai.tokenizer.Tokenizer;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Choosing a token allocates nothing, whatever the chain.
class SamplerAllocationTest {
    private static final ThreadMXBean BEAN = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static Stream<Sampling> settings() {
        var all =
                Sampling.builder()
                        .repeatPenalty(1.1f)
                        .dryMultiplier(1)
                        .topNSigma(2)
                        .typicalP(0.9f)
                        .xtcProbability(0.5f)
                        .dynatempRange(0.3f)
                        .logitBias(Map.of(700, -1f, 300, 1f));
        return Stream.of(
                Sampling.defaults(1),
                Sampling.greedy(),
                Sampling.builder().topK(0).build(),
                all.build(),
                Sampling.builder().mirostat(1).build(),
                Sampling.builder().mirostat(2).build());
    }

    @ParameterizedTest
    @MethodSource("settings")
    void choosingAllocatesNothing(Sampling settings) throws Exception {
        int vocabulary = 2048;
        try (Gguf demo = Gguf.open(Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf"))) {
            var sampler = new Sampler(settings, vocabulary, Tokenizer.from(demo.metadata()));
            float[] logits = new float[vocabulary];
            var random = new SplittableRandom(1);
            for (int i = 0; i < vocabulary; i++) {
                logits[i] = (float) random.nextDouble(-4, 4);
            }
            for (int i = 0; i < 1000; i++) {
                sampler.accept(i % 37 + 1000);
            }
            sampler.needed();
            sampler.next(logits); // loads classes
            long before = BEAN.getCurrentThreadAllocatedBytes();
            for (int i = 0;
                    i < 20;
                    i++) { // to 1020 tokens, for which there is room: doublings of 64
                sampler.accept(i % 37 + 1000);
                sampler.needed();
                sampler.next(logits);
            }
            assertThat(BEAN.getCurrentThreadAllocatedBytes() - before).isZero();
        }
    }
}
