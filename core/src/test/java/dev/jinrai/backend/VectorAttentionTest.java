package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The CPU backend's attention satisfies the contract, at the width of registers this JVM was given; the build
/// runs it at 128, 256 and 512 bits.
class VectorAttentionTest extends AttentionConformance {
    @Override
    protected Backend open() {
        return open(3);
    }

    private static Backend open(int threads) {
        return Backends.named("cpu").open(new BackendOptions(threads));
    }

    /// A prompt, and single tokens with more context than one part, over enough rounds for the JIT to replace the
    /// code.
    @ParameterizedTest
    @EnumSource
    void neitherThreadsNorWarmUpChangeABit(KvType type) {
        var shape = new Shape(type, new Heads(8, 2, 64, 64, 0.3f));
        var random = new SplittableRandom(12);
        var prompt = Tokens.random(shape, 600, random);
        var token = Tokens.random(shape, 1, random);
        float[] expectedPrompt = {};
        float[] expectedToken = {};
        for (int threads : new int[] {1, 2, 3, 8}) {
            try (Backend backend = open(threads);
                    KvCache cache = backend.allocate(shape.layout())) {
                for (int round = 0; round < 10; round++) {
                    cache.truncate(0);
                    float[] first = prompt.attend(backend, cache);
                    float[] second = token.attend(backend, cache);
                    expectedPrompt = expectedPrompt.length == 0 ? first : expectedPrompt;
                    expectedToken = expectedToken.length == 0 ? second : expectedToken;
                    assertThat(first).as("prompt, %d threads", threads).isEqualTo(expectedPrompt);
                    assertThat(second).as("token, %d threads", threads).isEqualTo(expectedToken);
                }
            }
        }
    }
}
