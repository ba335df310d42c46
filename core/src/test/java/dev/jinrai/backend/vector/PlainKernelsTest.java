package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.HeapBuffer;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Plain kernels are the vector kernels' twins bit for bit, at the width of registers this JVM was given; the build runs
/// this at 128, 256 and 512 bits.
class PlainKernelsTest {
    private final Workers workers = new Workers(3);
    private final Kernels plain = new PlainKernels(workers);
    private final GroupedAttention grouped = new GroupedAttention(workers);
    private final Kernels vectors = new VectorKernels(workers, grouped);
    private final SplittableRandom random = new SplittableRandom(25);

    @AfterEach
    void close() {
        workers.close();
    }

    @ParameterizedTest
    @CsvSource({"1,32", "3,32", "7,288", "63,64", "64,256", "65,96", "130,512", "200,1120"})
    void products(int rows, int columns) {
        Tensor tensor = RandomTensors.of(new Q8_0(), 2, rows, columns, random);
        // Blocks without any weight, and of either sign of zero.
        for (int i = 0; i < 32 * rows; i += 5) {
            tensor.data().set(ValueLayout.JAVA_BYTE, i, (byte) 0);
        }
        try (var arena = Arena.ofShared()) {
            var weight = new PanelMatrix(tensor, arena);
            for (int tokens : new int[] {1, 2, 5, 6, 7, 13}) {
                int[] from = new int[tokens];
                int[] to = new int[tokens];
                Arrays.setAll(from, t -> t / 2);
                Arrays.setAll(to, t -> tokens - 1 - t);
                float[] x = RandomTensors.values(tokens * columns, random);
                float[] expected = new float[tokens * rows];
                float[] actual = new float[tokens * rows];
                for (int slice = 0; slice < 2; slice++) {
                    vectors.multiply(expected, to, weight, slice, x, from, tokens);
                    plain.multiply(actual, to, weight, slice, x, from, tokens);

                    assertThat(actual)
                            .as("%d×%d, %d tokens", rows, columns, tokens)
                            .isEqualTo(expected);
                }
            }
        }
    }

    /// Prompts and single tokens, over up to a part of positions, grouped and not, heads of awkward lengths.
    @ParameterizedTest
    @CsvSource({"1,1,4,4", "4,2,32,32", "8,2,64,48", "6,1,20,12", "3,3,13,7"})
    void attention(int count, int kvHeads, int keyLength, int valueLength) {
        var heads = new Heads(count, kvHeads, keyLength, valueLength, 0.3f);
        for (KvType type : List.of(KvType.F16, KvType.F32)) {
            var layer = new KvLayout.Layer(kvHeads, keyLength, valueLength);
            var layout = new KvLayout(List.of(layer), GroupedAttention.PART, type);
            try (var cache = new BlockedKvCache(layout)) {
                for (int tokens : new int[] {5, 1, 57, 1, 1, 130, 1, 315, 1}) {
                    attend(cache, heads, tokens);
                }
                assertThat(cache.length()).isEqualTo(GroupedAttention.PART);
            }
        }
    }

    private void attend(BlockedKvCache cache, Heads heads, int tokens) {
        var batch = Batch.of(cache, new int[tokens], Batch.Logits.NONE);
        HeapBuffer keys = values(tokens, heads.kvHeads() * heads.keyLength());
        HeapBuffer values = values(tokens, heads.kvHeads() * heads.valueLength());
        HeapBuffer q = values(tokens, heads.heads() * heads.keyLength());
        var expected = new HeapBuffer(tokens, heads.heads() * heads.valueLength());
        var actual = new HeapBuffer(tokens, heads.heads() * heads.valueLength());
        grouped.append(batch, 0, keys, values);
        vectors.attention(expected, q, batch, 0, heads);
        plain.attention(actual, q, batch, 0, heads);
        cache.advance(tokens);

        assertThat(HeapBuffer.data(actual))
                .as("%s, %d tokens, %d positions", heads, tokens, cache.length())
                .isEqualTo(HeapBuffer.data(expected));
    }

    private HeapBuffer values(int rows, int columns) {
        var buffer = new HeapBuffer(rows, columns);
        float[] data = HeapBuffer.data(buffer);
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextDouble(-1, 1) * (1 + i % 7));
        }
        return buffer;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 13, 16, 64, 100, 207, 256, 1000})
    void rows(int n) {
        float[] x = HeapBuffer.data(values(3, n));
        x[n + n / 2] = 2e19f; // whose square is beyond f32
        float[] y = HeapBuffer.data(values(3, n));
        float[] w = HeapBuffer.data(values(1, n));
        float[] expected = new float[3 * n];
        float[] actual = new float[3 * n];
        for (int row = 0; row < 3; row++) {
            vectors.rmsNorm(expected, x, row * n, n, w, 1e-5f, 0);
            plain.rmsNorm(actual, x, row * n, n, w, 1e-5f, 0);
        }
        assertThat(actual).as("norm").isEqualTo(expected);

        vectors.add(expected, y, n, 3 * n);
        plain.add(actual, y, n, 3 * n);
        assertThat(actual).as("add").isEqualTo(expected);

        vectors.silu(expected, 0, 3 * n);
        plain.silu(actual, 0, 3 * n);
        assertThat(actual).as("silu").isEqualTo(expected);

        vectors.multiply(expected, y, 0, 2 * n);
        plain.multiply(actual, y, 0, 2 * n);
        assertThat(actual).as("multiply").isEqualTo(expected);
    }

    /// A block of keys that are NaN or infinite reaches the same results.
    @ParameterizedTest
    @EnumSource(names = {"F16", "F32"})
    void attentionOverNumbersThatAreNone(KvType type) {
        var heads = new Heads(2, 1, 4, 4, 1);
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 128, type);
        for (float strange : new float[] {Float.NaN, Float.POSITIVE_INFINITY, -1e30f, 1e30f}) {
            try (var cache = new BlockedKvCache(layout)) {
                for (int tokens : new int[] {3, 70}) {
                    var batch = Batch.of(cache, new int[tokens], Batch.Logits.NONE);
                    HeapBuffer keys = values(tokens, 4);
                    HeapBuffer.data(keys)[5] = strange;
                    HeapBuffer q = values(tokens, 8);
                    var expected = new HeapBuffer(tokens, 8);
                    var actual = new HeapBuffer(tokens, 8);
                    grouped.append(batch, 0, keys, values(tokens, 4));
                    vectors.attention(expected, q, batch, 0, heads);
                    plain.attention(actual, q, batch, 0, heads);
                    cache.advance(tokens);

                    assertThat(HeapBuffer.data(actual))
                            .as("%s, %d tokens", strange, tokens)
                            .isEqualTo(HeapBuffer.data(expected));
                }
            }
        }
    }
}
