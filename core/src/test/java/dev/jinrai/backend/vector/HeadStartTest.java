package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Batch;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Plain kernels take a small model's first passes, and only those.
class HeadStartTest {
    private static final KvLayout LAYOUT = layout(KvType.F16);

    private final HeadStart headStart = new HeadStart();

    private static KvLayout layout(KvType type) {
        return new KvLayout(List.of(new KvLayout.Layer(1, 32, 32)), 4096, type);
    }

    private void matrix(Format format, int slices, int rows) {
        headStart.add(RandomTensors.of(format, slices, rows, 256, new SplittableRandom(1)));
    }

    private boolean takes(int start, int tokens) {
        try (var cache = new BlockedKvCache(LAYOUT)) {
            cache.advance(start);
            return headStart.takes(Batch.of(cache, new int[tokens], Batch.Logits.NONE));
        }
    }

    @AfterEach
    void close() {
        headStart.close();
    }

    @Test
    void takesTheFirstPass() {
        matrix(new Q8_0(), 1, 64);
        matrix(new F32(), 1, 1); // as a norm's weights are

        assertThat(takes(0, 5)).isTrue();
    }

    /// One row of any format may be a norm's: it is a matrix when it is multiplied with.
    @Test
    void servesNoProductWithAnotherFormat() {
        try (var arena = Arena.ofConfined()) {
            var random = new SplittableRandom(2);
            for (Format format : Formats.ALL) {
                Tensor row = RandomTensors.of(format, 1, 1, 256, random);
                Weight weight =
                        RowKernel.of(format)
                                .<Weight>map(kernel -> new RowMatrix(row, kernel))
                                .orElseGet(() -> new PanelMatrix(row, arena));
                try (var fresh = new HeadStart();
                        var cache = new BlockedKvCache(LAYOUT)) {
                    fresh.add(row);
                    var batch = Batch.of(cache, new int[1], Batch.Logits.NONE);
                    assertThat(fresh.takes(batch)).isTrue();
                    boolean plain = format instanceof Q8_0;
                    assertThat(fresh.serves(weight)).as("%s", format).isEqualTo(plain);
                    assertThat(fresh.takes(batch)).as("%s", format).isEqualTo(plain);
                }
            }
        }
    }

    @Test
    void takesNothingOnceAPassIsLarge() {
        matrix(new Q8_0(), 1, 1 << 14);

        assertThat(takes(0, 128)).isTrue();
        assertThat(takes(0, 129)).isFalse();
        assertThat(takes(0, 1)).isFalse();
    }

    @Test
    void endsAfterSomeWork() {
        matrix(new Q8_0(), 1, 1 << 14);
        int passes = 0;
        while (takes(0, 128)) {
            passes++;
        }

        assertThat(passes).isBetween(1, 2); // fewer if the rehearsal was over before
    }

    @Test
    void takesNoTimelineOfSeveralParts() {
        matrix(new Q8_0(), 1, 64);

        assertThat(takes(GroupedAttention.PART - 1, 1)).isTrue();
        assertThat(takes(GroupedAttention.PART, 1)).isFalse();
    }

    @Test
    void takesNoOtherFormat() {
        matrix(new Q8_0(), 1, 64);
        matrix(new Q4_0(), 1, 64);

        assertThat(takes(0, 1)).isFalse();
    }

    @Test
    void takesNoExperts() {
        matrix(new Q8_0(), 2, 64);

        assertThat(takes(0, 1)).isFalse();
    }

    @Test
    void takesNoCacheThatVectorsDecode() {
        matrix(new Q8_0(), 1, 64);
        headStart.add(layout(KvType.Q8_0));

        assertThat(takes(0, 1)).isFalse();
    }

    /// Otherwise a small model's speed would stay that of its first tokens.
    @Test
    void endsWhenVectorsAreCompiled() throws InterruptedException {
        matrix(new Q8_0(), 1, 2);
        assertThat(takes(0, 1)).isTrue();
        long start = System.nanoTime();
        while (takes(0, 1) && System.nanoTime() - start < 60_000_000_000L) {
            Thread.sleep(20);
        }

        assertThat(takes(0, 1)).isFalse();
    }
}
