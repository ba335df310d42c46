package dev.jinrai.sampler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private static final float[] SPECIAL = {
        0f, -0f, 1, -1, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE, 1e-30f
    };

    private record Entry(int id, float logit) {}

    private final SplittableRandom random = new SplittableRandom(7);

    /// However many there are and stay, and in whatever order they came: the best first, equal ones by rising id.
    @Test
    void keepsTheBestInOrder() {
        for (int size : new int[] {1, 2, 40, 255, 256, 257, 300, 5000}) {
            for (int kept : new int[] {1, 2, size / 17, size / 16, size / 15, size - 1, size}) {
                for (boolean rising : new boolean[] {true, false}) {
                    if (kept > 0) {
                        check(entries(size, rising), kept);
                    }
                }
            }
        }
    }

    private void check(List<Entry> entries, int kept) {
        var candidates = new Candidates(entries.size());
        float[] logits = new float[entries.size()];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = entries.get(i).logit();
        }
        candidates.fill(entries.stream().mapToInt(Entry::id).toArray(), logits);
        candidates.keepBest(kept);

        int[] wanted =
                entries.stream()
                        .filter(e -> e.logit() > Float.NEGATIVE_INFINITY)
                        .sorted(
                                // + 0: both zeros are equal.
                                Comparator.comparingDouble((Entry e) -> -e.logit() + 0f)
                                        .thenComparingInt(Entry::id))
                        .limit(kept)
                        .mapToInt(Entry::id)
                        .toArray();
        assertThat(Arrays.copyOf(candidates.ids, candidates.size))
                .as("the best %d of %d", kept, entries.size())
                .isEqualTo(wanted);
        for (int i = 0; i < candidates.size; i++) {
            int id = candidates.ids[i];
            float logit =
                    entries.stream().filter(e -> e.id() == id).findFirst().orElseThrow().logit();
            assertThat(candidates.logits[i] + 0f).isEqualTo(logit + 0f);
        }
    }

    /// Normal ones, a fifth of them special, a tenth excluded; the first is not.
    private List<Entry> entries(int size, boolean rising) {
        int[] ids = IntStream.range(0, size).map(i -> 3 * i + 70_000).toArray();
        for (int i = size - 1; i > 0 && !rising; i--) {
            int other = random.nextInt(i + 1);
            int id = ids[i];
            ids[i] = ids[other];
            ids[other] = id;
        }
        return IntStream.range(0, size).mapToObj(i -> new Entry(ids[i], logit(i))).toList();
    }

    private float logit(int i) {
        int kind = random.nextInt(10);
        if (kind == 0 && i > 0) {
            return Float.NEGATIVE_INFINITY;
        }
        return kind < 3 ? SPECIAL[random.nextInt(SPECIAL.length)] : (float) random.nextGaussian();
    }
}
