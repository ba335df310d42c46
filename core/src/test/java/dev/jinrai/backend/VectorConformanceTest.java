package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.Format;
import dev.jinrai.testing.RandomTensors;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The CPU backend satisfies the contract, at the width of registers this JVM was given; the build
/// runs it at 128, 256 and 512 bits.
class VectorConformanceTest extends BackendConformance {
    @Override
    protected Backend open() {
        return open(3);
    }

    private static Backend open(int threads) {
        return Backends.named("cpu").open(new BackendOptions(threads));
    }

    /// The build asks for a width by a JVM flag; this notices a flag that was ignored.
    @Test
    void registersHaveTheWidthTheBuildAskedFor() {
        Integer asked = Integer.getInteger("jinrai.test.bits");
        if (asked != null) {
            assertThat(open(1).device()).startsWith(asked + "-bit vectors");
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void theNumberOfThreadsNeverChangesABit(Format format) {
        var random = new SplittableRandom(12);
        Tensor tensor = RandomTensors.of(format, 1, 500, 512, random);
        for (int tokens : new int[] {1, 9}) {
            float[] x = RandomTensors.values(tokens * 512, random);
            float[] expected = {};
            for (int threads : new int[] {1, 2, 3, 8, 64}) {
                try (Backend backend = open(threads)) {
                    Buffer out = backend.allocate(tokens, 500);
                    backend.matmul(out, backend.upload(tensor), buffer(backend, x, tokens, 512));
                    float[] actual = read(backend, out);
                    expected = threads == 1 ? actual : expected;
                    assertThat(actual)
                            .as("%s, %d threads", format.type(), threads)
                            .isEqualTo(expected);
                }
            }
        }
    }
}
