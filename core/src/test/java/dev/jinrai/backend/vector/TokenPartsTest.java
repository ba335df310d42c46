package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Few panels are cut so that every thread has work, many are not cut.
class TokenPartsTest {
    @ParameterizedTest
    @CsvSource({
        "4,256,2,1", // two rounds of two
        "32,256,2,1", // many for two threads
        "33,256,2,1", // the last one is not worth it
        "3,256,2,2", // one thread would wait for the other's second
        "4,256,8,2", // half the threads would have none
        "4,256,32,8",
        "1,256,64,43", // as many as tiles
        "4,7,32,2", // no part is shorter than a tile
        "4,6,32,1",
        "32,256,64,2",
        "40,256,32,4", // 160 parts in five rounds, not 40 in two
        "4,256,1,1",
    })
    void asManyPartsAsPay(int panels, int tokens, int threads, int parts) {
        assertThat(TokenParts.count(panels, tokens, 6, 6, threads)).isEqualTo(parts);
    }

    @Test
    void everyTokenMeetsEveryPanelOnce() {
        for (int threads : new int[] {1, 2, 7, 64}) {
            try (var workers = new Workers(threads)) {
                for (int tokens : new int[] {2, 6, 13, 67, 256}) {
                    for (int panels : new int[] {1, 3, 10}) {
                        var met = new AtomicIntegerArray(panels * tokens);
                        TokenParts.run(
                                workers,
                                panels,
                                tokens,
                                6,
                                6,
                                (panel, from, to, worker) -> {
                                    assertThat(from % 6).isZero();
                                    for (int t = from; t < to; t++) {
                                        met.incrementAndGet(panel * tokens + t);
                                    }
                                });
                        for (int i = 0; i < panels * tokens; i++) {
                            assertThat(met.get(i)).isEqualTo(1);
                        }
                    }
                }
            }
        }
    }
}
