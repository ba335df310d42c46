package dev.jinrai.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KScalesTest {

    @Test
    void unpacksWhatItPacks() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = new byte[15];
        MemorySegment packed = MemorySegment.ofArray(bytes);
        for (int round = 0; round < 1000; round++) {
            int[] scales = random.ints(8, 0, 64).toArray();
            int[] mins = random.ints(8, 0, 64).toArray();
            random.nextBytes(bytes); // what was there before does not matter
            KScales.pack(scales, mins, packed, 3);
            for (int j = 0; j < 8; j++) {
                assertThat(KScales.scale(packed, 3, j)).as("seed %d", seed).isEqualTo(scales[j]);
                assertThat(KScales.min(packed, 3, j)).as("seed %d", seed).isEqualTo(mins[j]);
            }
        }
    }

    @Test
    void putsEachFieldWhereTheDrawingHasIt() {
        int[] scales = {0x01, 0x02, 0x03, 0x04, 0x15, 0x26, 0x37, 0x08};
        int[] mins = {0x3F, 0, 0, 0, 0, 0, 0, 0x29};
        byte[] bytes = new byte[12];
        KScales.pack(scales, mins, MemorySegment.ofArray(bytes), 0);
        assertThat(bytes)
                .containsExactly(
                        0x41, 0x82, 0xC3, 0x04, // upper two bits of scale 4 … 7, scale 0 … 3
                        0x3F, 0x00, 0x00, 0x80, // upper two bits of min 4 … 7, min 0 … 3
                        0x05, 0x06, 0x07, 0x98); // lower four bits: min 4 … 7, scale 4 … 7
    }
}
