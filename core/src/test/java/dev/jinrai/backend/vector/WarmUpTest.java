package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.format.BF16;
import dev.jinrai.format.F16;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.RandomTensors;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Kernels are compiled before the first pass, once, by a thread that ends.
@Timeout(60)
class WarmUpTest {
    private final WarmUp warmUp = new WarmUp();

    private void add(Format format, int rows) {
        warmUp.add(RandomTensors.of(format, 1, rows, 256, new SplittableRandom(1)));
    }

    @AfterEach
    void close() {
        warmUp.close();
    }

    @Test
    void endsByItselfAndIsNotRepeated() throws InterruptedException {
        add(new Q4_0(), 64);
        add(new F16(), 64);

        warmUp.start();

        warmUp.join();
        try (var second = new WarmUp()) {
            second.add(RandomTensors.of(new Q4_0(), 1, 64, 256, new SplittableRandom(1)));
            second.start();
            assertThat(second.running()).isFalse();
        }
    }

    @Test
    void compilesNothingForNorms() {
        add(new F32(), 1);

        warmUp.start();

        assertThat(warmUp.running()).isFalse();
    }

    @Test
    void endsWhenItIsTold() throws InterruptedException {
        add(new F32(), 64);
        warmUp.start();
        assertThat(warmUp.running()).isTrue();

        warmUp.close();

        warmUp.join();
    }

    /// Real work compiles them better than a thread beside it.
    @Test
    void endsWhenAPassBegins() throws InterruptedException {
        var backend = new VectorBackend(1);
        try (backend;
                var cache =
                        backend.allocate(
                                new KvLayout(
                                        List.of(new KvLayout.Layer(1, 32, 32)), 4, KvType.F16))) {
            backend.upload(RandomTensors.of(new BF16(), 1, 64, 256, new SplittableRandom(1)));
            backend.prepare();
            assertThat(backend.warmUp().running()).isTrue();

            backend.pass(Batch.of(cache, new int[1], Batch.Logits.NONE), () -> {});

            backend.warmUp().join();
            assertThat(backend.warmUp().running()).isFalse();
        }
    }

    @Test
    void leavesASmallModelToTheHeadStart() {
        try (var backend = new VectorBackend(1)) {
            backend.upload(RandomTensors.of(new Q8_0(), 1, 64, 256, new SplittableRandom(1)));

            backend.prepare();

            assertThat(backend.warmUp().running()).isFalse();
        }
    }
}
