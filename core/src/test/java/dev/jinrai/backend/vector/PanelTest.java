package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PanelTest {
    /// In a group of registers, row `q · L + i` is byte `q` of lane `i`.
    @ParameterizedTest
    @CsvSource({"1,18", "7,34", "8,144", "50,16", "63,176", "64,210", "64,36", "40,7"})
    void bytesOfRowsAreNeighbours(int rows, int rowBytes) {
        byte[] src = new byte[5 + rows * rowBytes];
        new Random(rows).nextBytes(src);
        int bytes = Math.min(rowBytes, 2 + rowBytes / 2);
        byte[] dst = new byte[3 + Panel.ROWS * bytes];

        Panel.lay(
                MemorySegment.ofArray(src),
                5,
                rowBytes,
                bytes,
                rows,
                MemorySegment.ofArray(dst),
                3);

        for (int b = 0; b < bytes; b++) {
            for (int group = 0; group < Panel.ROWS; group += 4 * Lanes.COUNT) {
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    for (int q = 0; q < 4; q++) {
                        int r = group + q * Lanes.COUNT + lane;
                        int wanted = r < rows ? src[5 + r * rowBytes + b] : 0;
                        assertThat((int) dst[3 + b * Panel.ROWS + group + 4 * lane + q])
                                .as("byte %d of row %d", b, r)
                                .isEqualTo(wanted);
                    }
                }
            }
        }
    }
}
