package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PanelTest {
    @ParameterizedTest
    @CsvSource({"1,18", "7,34", "8,144", "63,176", "64,210", "64,36", "40,7"})
    void bytesOfRowsAreNeighbours(int rows, int rowBytes) {
        byte[] src = new byte[5 + rows * rowBytes];
        new Random(rows).nextBytes(src);
        byte[] dst = new byte[3 + Panel.ROWS * rowBytes];

        Panel.lay(MemorySegment.ofArray(src), 5, rowBytes, rows, MemorySegment.ofArray(dst), 3);

        for (int b = 0; b < rowBytes; b++) {
            for (int r = 0; r < Panel.ROWS; r++) {
                int wanted = r < rows ? src[5 + r * rowBytes + b] : 0;
                assertThat((int) dst[3 + b * Panel.ROWS + r])
                        .as("byte %d of row %d", b, r)
                        .isEqualTo(wanted);
            }
        }
    }
}
