package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Tensor;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PanelTest {
    static Stream<Format> formats() {
        return Formats.ALL.stream().filter(format -> PanelKernel.of(format).isPresent());
    }

    private static PanelKernel kernel(Format format) {
        return PanelKernel.of(format).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void sectionsAddUpToTheBlock(Format format) {
        PanelSections sections = kernel(format).sections();
        int bytes = 0;
        for (int s = 0; s < sections.count(); s++) {
            assertThat(sections.start(s)).isEqualTo(bytes);
            assertThat(sections.bytes(s, format.blockBytes())).isPositive();
            bytes += sections.bytes(s, format.blockBytes());
        }

        assertThat(bytes).isEqualTo(format.blockBytes());
    }

    /// Such addresses are slow; an odd number of blocks in all is the case that met them.
    @ParameterizedTest
    @MethodSource("formats")
    void noSectionBeginsAtAMultipleOf256Bytes(Format format) {
        var random = new SplittableRandom(5);
        for (int blocks = 1; blocks <= 4; blocks++) {
            for (int rows = 64; rows <= 192; rows += 64) {
                int columns = blocks * format.blockLength();
                Tensor tensor = RandomTensors.of(format, 2, rows, columns, random);
                try (var workers = new Workers(1);
                        var arena = Arena.ofShared()) {
                    var matrix = new PanelMatrix(tensor, arena);
                    long[] at = new long[kernel(format).sections().count()];
                    matrix.place(0, 0, at);

                    assertThat(matrix.bytes()).isEqualTo(tensor.data().byteSize());
                    for (int slice = 0; slice < 2; slice++) {
                        long panels = matrix.bands(slice, workers)[0].address();
                        for (int s = 0; s < at.length; s++) {
                            assertThat((panels + at[s]) % 256)
                                    .as("section %d, %d rows of %d blocks", s, rows, blocks)
                                    .isNotZero();
                        }
                    }
                }
            }
        }
    }

    /// Rows know nothing of each other: each panel of a large matrix gives what it gives as a matrix of its own.
    @ParameterizedTest
    @MethodSource("formats")
    void bandsAreAsGoodAsOne(Format format) {
        int rows = 50 * 64 + 7;
        int columns = 1024;
        Tensor tensor = RandomTensors.of(format, 2, rows, columns, new SplittableRandom(8));
        try (var workers = new Workers(3);
                var arena = Arena.ofShared()) {
            var matrix = new PanelMatrix(tensor, arena);
            var product = new PanelProduct(workers);
            assertThat(matrix.bands(1, workers)).hasSizeGreaterThan(1);
            for (int tokens : new int[] {1, 8}) {
                float[] x = RandomTensors.values(tokens * columns, new SplittableRandom(9));
                int[] identity = {0, 1, 2, 3, 4, 5, 6, 7};
                float[] actual = new float[tokens * rows];
                product.multiply(actual, identity, matrix, 1, x, identity, tokens);
                for (int row = 0; row < rows; row += Panel.ROWS) {
                    int count = Math.min(Panel.ROWS, rows - row);
                    var data =
                            tensor.data().asSlice(tensor.offset(1, row), count * tensor.rowBytes());
                    var part = new Tensor("part", format, 1, count, columns, data);
                    float[] expected = new float[tokens * count];
                    product.multiply(
                            expected,
                            identity,
                            new PanelMatrix(part, arena),
                            0,
                            x,
                            identity,
                            tokens);
                    for (int t = 0; t < tokens; t++) {
                        int at = t * rows + row;
                        assertThat(Arrays.copyOfRange(actual, at, at + count))
                                .as("row %d, token %d of %d", row, t, tokens)
                                .isEqualTo(
                                        Arrays.copyOfRange(expected, t * count, (t + 1) * count));
                    }
                }
            }
        }
    }

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
