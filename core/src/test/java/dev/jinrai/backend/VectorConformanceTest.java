package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
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

    @Override
    protected double tokenStep(Format format) {
        return step(format);
    }

    /// Eight bits, with a sign; weights of five and six bits may cost up to one of them, lest sums exceed sixteen.
    static double step(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _, Q8_0 _ -> 0;
            case Q4_0 _, Q4_K _ -> 1. / 127;
            case Q5_K _, Q6_K _ -> 2. / 127;
        };
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
