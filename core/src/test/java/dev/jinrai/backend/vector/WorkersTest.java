package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Every item is done exactly once, whatever the threads do.
@Timeout(60)
class WorkersTest {
    @Test
    void everyItemIsDoneExactlyOnceInEveryLoop() {
        for (int threads : new int[] {1, 2, 3, 8, 64}) {
            try (var workers = new Workers(threads)) {
                for (int round = 0; round < 20_000 / threads; round++) {
                    int items = 1 + round % 67;
                    var counts = new AtomicIntegerArray(items);
                    workers.parallel(
                            items,
                            1 + round % 3,
                            (from, to, worker) -> {
                                assertThat(worker).isBetween(0, threads - 1);
                                for (int i = from; i < to; i++) {
                                    counts.incrementAndGet(i);
                                }
                            });
                    for (int i = 0; i < items; i++) {
                        assertThat(counts.get(i)).isEqualTo(1);
                    }
                }
            }
        }
    }

    @Test
    void aThreadNumberIsUsedByOneThreadAtATime() {
        try (var workers = new Workers(4)) {
            var inside = new AtomicIntegerArray(4);
            for (int round = 0; round < 500; round++) {
                workers.parallel(
                        64,
                        1,
                        (from, to, worker) -> {
                            assertThat(inside.incrementAndGet(worker)).isEqualTo(1);
                            Thread.onSpinWait();
                            inside.decrementAndGet(worker);
                        });
            }
        }
    }

    @Test
    void sleepersWakeUp() throws InterruptedException {
        try (var workers = new Workers(3)) {
            for (int round = 0; round < 20; round++) {
                Thread.sleep(2); // longer than they spin
                int[] sum = new int[100];
                workers.parallel(
                        100,
                        1,
                        (from, to, worker) -> {
                            for (int i = from; i < to; i++) {
                                sum[i] = i;
                            }
                        });
                for (int i = 0; i < 100; i++) {
                    assertThat(sum[i]).isEqualTo(i);
                }
            }
        }
    }

    @Test
    void anExceptionReachesTheCallerAndThePoolGoesOn() {
        try (var workers = new Workers(3)) {
            for (int round = 0; round < 100; round++) {
                assertThatThrownBy(() ->
                                workers.parallel(
                                        100,
                                        1,
                                        (from, to, worker) -> {
                                            if (from <= 50 && 50 < to) {
                                                throw new IllegalStateException("item 50");
                                            }
                                        }))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("item 50");
                int[] sum = new int[1];
                workers.parallel(1, 1, (from, to, worker) -> sum[0]++);
                assertThat(sum[0]).isEqualTo(1);
            }
        }
    }
}
