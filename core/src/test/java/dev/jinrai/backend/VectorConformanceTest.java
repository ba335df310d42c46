package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ1_M;
import dev.jinrai.format.IQ1_S;
import dev.jinrai.format.IQ2_S;
import dev.jinrai.format.IQ2_XS;
import dev.jinrai.format.IQ2_XXS;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.IQ3_XXS;
import dev.jinrai.format.IQ4_NL;
import dev.jinrai.format.IQ4_XS;
import dev.jinrai.format.MXFP4;
import dev.jinrai.format.NVFP4;
import dev.jinrai.format.Q1_0;
import dev.jinrai.format.Q2_0;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_0;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.format.Q8_K;
import dev.jinrai.format.TQ1_0;
import dev.jinrai.format.TQ2_0;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    /// Eight bits, with a sign; weights of five and six bits, and those up to 12, may cost up to one of them, lest sums exceed sixteen.
    static double step(Format format) {
        return switch (format) {
            case F32 _, F16 _, BF16 _, Q8_0 _ -> 0;
            case IQ4_NL _,
                    IQ4_XS _,
                    Q8_K _,
                    IQ1_S _,
                    IQ1_M _,
                    IQ2_XXS _,
                    IQ2_XS _,
                    IQ2_S _,
                    IQ3_XXS _,
                    IQ3_S _,
                    TQ1_0 _,
                    TQ2_0 _,
                    NVFP4 _,
                    Q1_0 _,
                    Q2_0 _ ->
                    0;
            case Q4_0 _, Q4_1 _, Q2_K _, Q3_K _, Q4_K _ -> 1. / 127;
            case Q5_0 _, Q5_1 _, Q5_K _, Q6_K _, MXFP4 _ -> 2. / 127;
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

    @Test
    void aWeightOfAnotherBackendIsNamed() {
        try (Backend other = new ScalarBackend();
                Backend backend = open(1)) {
            Weight weight = other.upload(f32(1, 4, 1, 2, 3, 4));
            Buffer x = backend.allocate(1, 4);
            assertThatThrownBy(() -> backend.matmul(backend.allocate(1, 1), weight, x))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "test: wanted a weight that the backend 'cpu' made, got a"
                                    + " ScalarWeight");
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void theNumberOfThreadsNeverChangesABit(Format format) {
        var random = new SplittableRandom(12);
        Tensor tensor = RandomTensors.of(format, 1, 500, 512, random);
        for (int tokens : new int[] {1, 9, 67}) { // so many are laid and rounded by several threads
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

    /// Few rows and many tokens: threads share a panel's tokens, and the last of these fill no tile.
    @ParameterizedTest
    @MethodSource("formats")
    void theNumberOfThreadsNeverChangesABitOfAPrompt(Format format) {
        var random = new SplittableRandom(13);
        for (int rows : new int[] {40, 192}) {
            Tensor tensor = RandomTensors.of(format, 1, rows, 512, random);
            for (int tokens : new int[] {13, 100, 257}) {
                float[] x = RandomTensors.values(tokens * 512, random);
                float[] expected = {};
                for (int threads : new int[] {1, 2, 5, 16, 64}) {
                    try (Backend backend = open(threads)) {
                        Buffer out = backend.allocate(tokens, rows);
                        var in = buffer(backend, x, tokens, 512);
                        backend.matmul(out, backend.upload(tensor), in);
                        float[] actual = read(backend, out);
                        expected = threads == 1 ? actual : expected;
                        assertThat(actual)
                                .as("%s, %d threads, %d tokens", format.type(), threads, tokens)
                                .isEqualTo(expected);
                    }
                }
            }
        }
    }

    /// Work enough for every thread: 100,003 values in one row, where a thread may begin anywhere, and as many in rows.
    @ParameterizedTest
    @CsvSource({"1,100003", "307,335", "7,14300"})
    void theNumberOfThreadsNeverChangesABitOfAnElementWiseVerb(int rows, int columns) {
        var random = new SplittableRandom(15);
        float[] a = RandomTensors.values(rows * columns, random);
        float[] b = RandomTensors.values(rows * columns, random);
        Tensor weight = RandomTensors.of(new F32(), 1, 1, columns, random);
        var heads = rope(Rope.Pairing.HALVES, 2);
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);
        Map<String, Op> verbs =
                Map.of(
                        "add", (be, x) -> be.add(x, buffer(be, b, rows, columns)),
                        "multiply", (be, x) -> be.multiply(x, buffer(be, b, rows, columns)),
                        "silu", (be, x) -> be.activate(x, Activation.SILU),
                        "gate",
                                (be, x) ->
                                        be.gate(x, Activation.SILU, buffer(be, b, rows, columns)),
                        "rmsNorm", (be, x) -> be.rmsNorm(x, x, be.upload(weight), 1e-5f),
                        "rope",
                                (be, x) -> {
                                    try (KvCache cache = be.allocate(layout)) {
                                        var ids = new int[rows];
                                        var batch = Batch.of(cache, ids, Batch.Logits.NONE);
                                        be.rope(x, columns, heads, batch);
                                    }
                                });
        verbs.forEach((name, verb) -> {
            float[] expected = {};
            for (int threads : new int[] {1, 2, 3, 8}) {
                try (Backend backend = open(threads)) {
                    Buffer x = buffer(backend, a, rows, columns);
                    verb.run(backend, x);
                    float[] actual = read(backend, x);
                    expected = threads == 1 ? actual : expected;
                    assertThat(actual)
                            .as("%s of %d×%d, %d threads", name, rows, columns, threads)
                            .isEqualTo(expected);
                }
            }
        });
    }

    /// The same against the specification: nothing is left out or done twice where two threads meet.
    @ParameterizedTest
    @ValueSource(ints = {100_003, 131_072})
    void valuesSharedAmongThreadsAreTheSpecifications(int count) {
        var random = new SplittableRandom(16);
        float[] a = RandomTensors.values(count, random);
        float[] b = RandomTensors.values(count, random);
        try (Backend backend = open(3);
                Backend specification = new ScalarBackend()) {
            float[][] results = new float[2][];
            for (int i = 0; i < 2; i++) {
                Backend be = i == 0 ? specification : backend;
                Buffer x = buffer(be, a, 1, count);
                be.add(x, buffer(be, b, 1, count));
                be.multiply(x, buffer(be, b, 1, count));
                results[i] = read(be, x);
            }
            assertThat(results[1]).isEqualTo(results[0]); // each verb rounds once
        }
    }

    /// Weights of f16 that no ordinary row has: infinite ones and NaN at each place of a register, the largest and smallest
    /// finite ones, zeros with both signs.
    @ParameterizedTest
    @ValueSource(
            ints = {0x7C00, 0xFC00, 0x7E00, 0xFC01, 0x7BFF, 0xFBFF, 0x0001, 0x8001, 0x03FF, 0x8000})
    void extremeHalvesAreTheSpecifications(int bits) {
        int columns = 70;
        var random = new SplittableRandom(17);
        Tensor tensor = RandomTensors.of(new F16(), 1, columns, columns, random);
        for (int i = 0; i < columns; i++) {
            long at = 2L * (i * columns + i);
            tensor.data().set(ValueLayout.JAVA_BYTE, at, (byte) bits);
            tensor.data().set(ValueLayout.JAVA_BYTE, at + 1, (byte) (bits >> 8));
        }
        for (int tokens : new int[] {1, 40}) {
            float[] x = RandomTensors.values(tokens * columns, random);
            float[][] results = new float[2][];
            try (Backend backend = open(2);
                    Backend specification = new ScalarBackend()) {
                for (int i = 0; i < 2; i++) {
                    Backend be = i == 0 ? specification : backend;
                    Buffer out = be.allocate(tokens, columns);
                    be.matmul(out, be.upload(tensor), buffer(be, x, tokens, columns));
                    results[i] = read(be, out);
                }
            }
            for (int i = 0; i < results[0].length; i++) {
                float expected = results[0][i];
                if (Float.isFinite(expected)) {
                    // Sums of 70 products of up to twelve and one, or of one up to 65504.
                    assertThat(results[1][i])
                            .isCloseTo(expected, within(1e-5f * (12 + Math.abs(expected))));
                } else {
                    assertThat(Float.valueOf(results[1][i])).isEqualTo(Float.valueOf(expected));
                }
            }
        }
    }
}
