package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.GgmlType;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Kernels are compiled before the first pass, once, by a thread that ends.
@Timeout(60)
class WarmUpTest {
    private final Set<GgmlType> done = ConcurrentHashMap.newKeySet();
    private final WarmUp warmUp = new WarmUp(done);

    private static Tensor matrix(Format format, int rows) {
        return RandomTensors.of(format, 1, rows, 256, new SplittableRandom(1));
    }

    @AfterEach
    void close() {
        warmUp.close();
    }

    @Test
    void endsByItselfAndIsNotRepeated() throws InterruptedException {
        warmUp.add(matrix(new Q4_0(), 64));
        warmUp.add(matrix(new F16(), 64));

        warmUp.start();

        warmUp.join();
        assertThat(done).containsExactlyInAnyOrder(GgmlType.Q4_0, GgmlType.F16);
        try (var second = new WarmUp(done)) {
            second.add(matrix(new Q4_0(), 64));
            second.start();
            assertThat(second.running()).isFalse();
        }
    }

    @Test
    void compilesNothingForNorms() {
        warmUp.add(matrix(new F32(), 1));

        warmUp.start();

        assertThat(warmUp.running()).isFalse();
    }

    /// In the pause before it begins, so that it cannot have come to its end.
    @Test
    void endsWhenItIsTold() throws InterruptedException {
        warmUp.add(matrix(new F32(), 64));
        warmUp.start();
        assertThat(warmUp.running()).isTrue();

        warmUp.close();

        warmUp.join();
        assertThat(done).isEmpty();
    }

    /// Real work compiles them better than a thread beside it: with a pass around it or without, as a trace and the backend
    /// hybrid have it.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWithTheFirstProduct(boolean inPass) throws InterruptedException {
        try (var backend = new VectorBackend(1, warmUp);
                var cache =
                        backend.allocate(
                                new KvLayout(
                                        List.of(new KvLayout.Layer(1, 32, 32)), 4, KvType.F16))) {
            Weight weight = backend.upload(matrix(new BF16(), 64));
            var x = backend.allocate(1, 256);
            var y = backend.allocate(1, 64);
            backend.prepare();
            assertThat(warmUp.running()).isTrue();

            Runnable product = () -> backend.matmul(y, weight, x);
            if (inPass) {
                backend.pass(Batch.of(cache, new int[1], Batch.Logits.NONE), product);
            } else {
                product.run();
            }

            warmUp.join();
            assertThat(done).isEmpty();
        }
    }

    @Test
    void leavesASmallModelToTheHeadStart() {
        try (var backend = new VectorBackend(1, warmUp)) {
            backend.upload(matrix(new Q8_0(), 64));

            backend.prepare();

            assertThat(warmUp.running()).isFalse();
        }
    }

    /// Plain kernels would take its single tokens, but no prompt.
    @Test
    void warmsUpAModelTooLargeForThePromptsOfAHeadStart() {
        try (var backend = new VectorBackend(1, warmUp);
                var arena = Arena.ofConfined()) {
            int rows = 1 << 15;
            var data = arena.allocate(rows * new Q8_0().byteSize(512));
            backend.upload(new Tensor("large", new Q8_0(), 1, rows, 512, data));

            backend.prepare();

            assertThat(warmUp.running()).isTrue();
        }
    }

    @Test
    void warmsUpForACacheThatAHeadStartCannotRead() {
        try (var backend = new VectorBackend(1, warmUp)) {
            backend.upload(matrix(new Q8_0(), 64));
            backend.prepare();

            backend.allocate(new KvLayout(List.of(new KvLayout.Layer(1, 32, 32)), 4, KvType.Q8_0))
                    .close();

            assertThat(warmUp.running()).isTrue();
        }
    }
}
