package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `halve`, and `matmulMatrices` against sums in double of the format's definitions.
///
/// Where the device has no matrices, its invocations play them (EMULATED in `matrices.glsl`); no model uses them there.
class MatrixProductsTest extends KernelTest {
    record Shape(
            Format format, boolean repacked, int rows, int columns, int tokens, int tileTokens) {}

    static Stream<Shape> shapes() {
        return (played() ? Stream.of(new Q4_0(), new Q4_K(), new Q2_K()) : formatsWithBlocks())
                .flatMap(f ->
                        Stream.of(false, true)
                                .filter(repacked ->
                                        !repacked || (!played() && RepackedRows.changes(f)))
                                .flatMap(repacked ->
                                        played()
                                                ? Stream.of(new Shape(f, repacked, 70, 256, 70, 64))
                                                : Stream.of(
                                                        new Shape(f, repacked, 64, 256, 64, 64),
                                                        new Shape(f, repacked, 130, 768, 9, 64),
                                                        new Shape(f, repacked, 1, 256, 130, 128),
                                                        new Shape(
                                                                f, repacked, 200, 2304, 130,
                                                                128))));
    }

    /// {@return whether invocations play the matrices, which takes long: three formats stand for all then, whose weights another test
    /// decodes}
    private static boolean played() {
        return !device().info().matrices();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 64, 1000, 2048})
    void halveScalesATokenByAPowerOfTwo(int columns) {
        int tokens = 5;
        var random = new SplittableRandom(columns);
        float[] x = Rig.random(tokens * columns, random);
        for (int t = 0; t < tokens; t++) {
            for (int c = 0; c < columns; c++) {
                // Small, as they are, large, zeros, and far apart.
                x[t * columns + c] *=
                        switch (t) {
                            case 0 -> 1e-20f;
                            case 1 -> 1;
                            case 2 -> 1e20f;
                            case 3 -> 0;
                            default -> (float) Math.pow(10, c % 7 - 3);
                        };
            }
        }
        Rig.Memory to = rig.bytes(MemorySegment.ofArray(new byte[tokens * columns * 2]));
        Rig.Memory scales = rig.room(tokens);
        rig.kernel("halve").with(to, scales, rig.floats(x)).words(columns).run(tokens);
        MemorySegment halves = rig.bytes(to);
        float[] scale = rig.floats(scales);
        for (int i = 0; i < x.length; i++) {
            int t = i / columns;
            float largest = largest(Arrays.copyOfRange(x, t * columns, (t + 1) * columns));
            // Of four neighbours the first and third come before the second and fourth.
            int at = i - i % 4 + new int[] {0, 2, 1, 3}[i % 4];
            float half =
                    Float.float16ToFloat(halves.getAtIndex(ValueLayout.JAVA_SHORT_UNALIGNED, at));
            assertThat(scale[t]).isEqualTo(Math.scalb(1f, Math.getExponent(scale[t])));
            // Eleven bits, and nothing less than 2^-24 of what 512 stands for.
            assertThat((double) half * scale[t])
                    .as("token %d, %s", t, x[i])
                    .isCloseTo(
                            x[i], within(Math.abs(x[i]) / 2048.0 + largest * Math.scalb(1.0, -33)));
        }
    }

    private static float largest(float... values) {
        float largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }

    static Stream<Format> formatsWithBlocks() {
        return Formats.ALL.stream().filter(f -> f.blockLength() > 1);
    }

    /// What `matmulMatrices` multiplies.
    @ParameterizedTest
    @MethodSource("formatsWithBlocks")
    void weightsAreHalvesWithinTwoRoundings(Format format) {
        int rows = 3;
        int columns = 512;
        MemorySegment data = Rig.weights(format, rows, columns, new SplittableRandom(7));
        float[] w = Rig.decode(format, data, rows * columns);
        Rig.Memory out = rig.room(rows * columns);
        rig.kernel("testHalves", format)
                .with(out, rig.bytes(data))
                .codebooks(format)
                .words(columns)
                .run(rows);
        float[] actual = rig.floats(out);
        for (int i = 0; i < w.length; i++) {
            // A scale is rounded, and a weight.
            assertThat((double) actual[i])
                    .as("%s weight %d", format.type(), i)
                    .isCloseTo(w[i], within(Math.abs(w[i]) * Math.scalb(2.0, -11) + 1e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void matmulMatricesIsTheProduct(Shape shape) {
        String kernel = "matmulMatrices" + (played() ? "Emulated" : "");
        Format format = shape.format();
        int rows = shape.rows();
        int columns = shape.columns();
        int tokens = shape.tokens();
        var random = new SplittableRandom(shape.hashCode());
        MemorySegment data = Rig.weights(format, rows, columns, random);
        float[] w = Rig.decode(format, data, rows * columns);
        float[] x = Rig.random(tokens * columns, random);
        Rig.Memory halves = rig.bytes(MemorySegment.ofArray(new byte[tokens * columns * 2]));
        Rig.Memory scales = rig.room(tokens);
        rig.kernel("halve").with(halves, scales, rig.floats(x)).words(columns).run(tokens);
        Rig.Memory weights =
                rig.bytes(shape.repacked() ? RepackedRows.of(format, data, rows, columns) : data);
        for (int tileRows : played() ? new int[] {64} : new int[] {64, 128}) {
            Rig.Memory out = rig.room(tokens * rows);
            rig.kernel(kernel, format, shape.repacked(), tileRows, shape.tileTokens())
                    .with(out, weights, halves, scales)
                    .codebooks(format)
                    .words(rows, columns, tokens)
                    .run(
                            (rows + tileRows - 1) / tileRows,
                            (tokens + shape.tileTokens() - 1) / shape.tileTokens());
            float[] actual = rig.floats(out);
            for (int i = 0; i < actual.length; i++) {
                int wAt = i % rows * columns;
                int xAt = i / rows * columns;
                assertThat((double) actual[i])
                        .as("%s, tile of %d, value %d", shape, tileRows, i)
                        .isCloseTo(
                                Rig.dot(w, wAt, x, xAt, columns),
                                within(bound(w, wAt, x, xAt, columns)));
            }
        }
    }

    /// Factors are rounded to eleven bits, each to 2^-11 of itself at most and with a sign that is random: six times what the errors
    /// of n products then add up to, and what sums of f32 lose.
    private static double bound(float[] w, int wAt, float[] x, int xAt, int n) {
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double product = (double) w[wAt + i] * x[xAt + i];
            squares += product * product;
        }
        return 6 * Math.scalb(1.0, -11) * Math.sqrt(squares)
                + Rig.dotBound(w, wAt, x, xAt, n)
                + 1e-6;
    }
}
