package dev.jinrai.gpu.vulkan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FreeListTest {
    private record Stretch(int offset, int length) {}

    /// Compared with a set of taken bytes, over random requests.
    @Test
    void takesWhatIsFreeAndJoinsWhatIsGivenBack() {
        int size = 1000;
        for (int seed = 0; seed < 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            FreeList list = new FreeList(64, size);
            BitSet taken = new BitSet();
            List<Stretch> held = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                if (random.nextInt(5) < 3) {
                    int length = 1 + random.nextInt(200);
                    int offset = (int) list.take(length);
                    assertThat(offset).as("seed %d", seed).isEqualTo(firstFit(taken, length, size));
                    if (offset >= 0) {
                        taken.set(offset, offset + length);
                        held.add(new Stretch(offset, length));
                    }
                } else if (!held.isEmpty()) {
                    Stretch stretch = held.remove(random.nextInt(held.size()));
                    list.give(stretch.offset(), stretch.length());
                    taken.clear(stretch.offset(), stretch.offset() + stretch.length());
                }
                assertThat(list.whole()).isEqualTo(taken.isEmpty());
            }
        }
    }

    private static int firstFit(BitSet taken, int length, int size) {
        int from = taken.nextClearBit(64);
        while (from + length <= 64 + size) {
            int end = taken.nextSetBit(from);
            if (end < 0 || end - from >= length) {
                return from;
            }
            from = taken.nextClearBit(end);
        }
        return -1;
    }
}
