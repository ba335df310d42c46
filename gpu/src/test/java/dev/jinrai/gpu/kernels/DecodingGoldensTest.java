package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q4_1;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_1;
import dev.jinrai.format.Q5_K;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.testing.Goldens;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every type of `goldens/quants` is decoded on the device as ggml decodes it: weights, random blocks and the edges of what a block
/// may hold. The numbers are ggml's own, not those of the formats that the other tests compare with.
class DecodingGoldensTest extends KernelTest {
    /// A device may make zeros of what is smaller than a normal f32: of MXFP4 those are multiples of 2^-128 up to 12.
    private static final float SUBNORMAL = 12 * 0x1p-127f;

    static Stream<Format> formats() {
        return files().map(f -> f.getFileName().toString().replace(".gguf", ""))
                .map(name -> format(name));
    }

    private static Stream<Path> files() {
        return Goldens.ggufs("quants").stream();
    }

    private static Format format(String name) {
        return Formats.ALL.stream()
                .filter(f -> f.type().name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void allTypesAreLookedAt() {
        assertThat(files()).hasSizeGreaterThanOrEqualTo(27);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void blocksAreDecodedAsGgmlDoes(Format format) {
        Path file = Goldens.file("quants/%s.gguf".formatted(format.type()));
        try (Gguf gguf = Gguf.open(file)) {
            for (String kind : List.of("", "_rand", "_edge")) {
                TensorInfo blocks = gguf.tensor("q" + kind).orElseThrow();
                int columns = Math.toIntExact(blocks.columns());
                int rows = Math.toIntExact(blocks.rows());
                float[] expected =
                        gguf.data(gguf.tensor("f32" + kind).orElseThrow())
                                .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                int[] ids = new int[rows];
                Arrays.setAll(ids, i -> i);
                Rig.Memory out = rig.room(rows * columns);
                rig.kernel("embed", format)
                        .with(out, rig.bytes(copy(gguf.data(blocks))), rig.ints(ids))
                        .words(columns, rows)
                        .codebooks(format)
                        .run(rows);
                float[] actual = rig.floats(out);
                for (int i = 0; i < actual.length; i++) {
                    float off = Math.abs(actual[i] - expected[i]);
                    assertThat(actual[i] == expected[i] || off <= bound(format, expected, i))
                            .as(
                                    "%s%s, weight %d: %s for %s",
                                    format.type(), kind, i, actual[i], expected[i])
                            .isTrue();
                }
            }
        }
    }

    private static MemorySegment copy(MemorySegment bytes) {
        return MemorySegment.ofArray(bytes.toArray(ValueLayout.JAVA_BYTE));
    }

    /// Where a minimum is taken away, a fused operation rounds once less.
    private static float bound(Format format, float[] expected, int i) {
        return switch (format) {
            case Q4_1 _, Q5_1 _, Q2_K _, Q4_K _, Q5_K _ -> {
                int block = i - i % format.blockLength();
                float largest = 0;
                for (int k = 0; k < format.blockLength(); k++) {
                    largest = Math.max(largest, Math.abs(expected[block + k]));
                }
                yield 1e-6f * largest;
            }
            default -> SUBNORMAL;
        };
    }
}
