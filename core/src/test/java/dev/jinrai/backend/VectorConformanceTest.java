package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.Q4_K;
import dev.jinrai.testing.RandomTensors;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

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

    @Test
    void theNumberOfThreadsNeverChangesABit() {
        var random = new SplittableRandom(12);
        Tensor tensor = RandomTensors.of(new Q4_K(), 1, 500, 512, random);
        float[] x = RandomTensors.values(9 * 512, random);
        float[] expected = null;
        for (int threads : new int[] {1, 2, 3, 8}) {
            try (Backend backend = open(threads)) {
                Buffer out = backend.allocate(9, 500);
                backend.matmul(out, backend.upload(tensor), buffer(backend, x, 9, 512));
                float[] actual = read(backend, out);
                if (expected == null) {
                    expected = actual;
                }
                assertThat(actual).as("%d threads", threads).isEqualTo(expected);
            }
        }
    }
}
