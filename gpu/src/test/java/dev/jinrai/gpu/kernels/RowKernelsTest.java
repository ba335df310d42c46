package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The kernels that take a whole row or single values: norms, softmax, sums, activations, routing.
class RowKernelsTest extends KernelTest {
    private static final int ROWS = 3;
    private static final float EPSILON = 1e-5f;

    static IntStream lengths() {
        return IntStream.of(1, 2, 4, 13, 64, 127, 128, 129, 207, 4098);
    }

    private static void close(String what, float[] actual, double[] expected, double relative) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            double error = Math.abs(actual[i] - expected[i]);
            if (Math.abs(expected[i]) > 1e-30) {
                Errors.note(what, error / Math.abs(expected[i]));
            }
            assertThat((double) actual[i])
                    .as("%s, value %d of %d", what, i, expected.length)
                    .isCloseTo(expected[i], within(relative * Math.abs(expected[i]) + 1e-37));
        }
    }

    // ---- norms

    @ParameterizedTest
    @MethodSource("lengths")
    void rmsNormDividesByTheRootMeanSquare(int columns) {
        var random = new SplittableRandom(columns);
        float[] x = Rig.random(ROWS * columns, random);
        float[] w = Rig.random(columns, random);
        double[] expected = rmsNorm(x, w, columns);
        Rig.Memory in = rig.floats(x);
        Rig.Memory weight = rig.floats(w);
        Rig.Memory out = rig.room(x.length);
        for (Rig.Memory dst : new Rig.Memory[] {out, in}) { // the second time in place
            rig.kernel("rmsNorm").with(dst, in, weight).words(columns).real(EPSILON).run(ROWS);
            close("rmsNorm", rig.floats(dst), expected, 5e-7);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void addRmsNormAddsFirst(int columns) {
        var random = new SplittableRandom(columns);
        float[] x = Rig.random(ROWS * columns, random);
        float[] y = Rig.random(ROWS * columns, random);
        float[] w = Rig.random(columns, random);
        Rig.Memory sum = rig.floats(x);
        Rig.Memory out = rig.room(x.length);
        rig.kernel("addRmsNorm")
                .with(out, sum, rig.floats(y), rig.floats(w))
                .words(columns)
                .real(EPSILON)
                .run(ROWS);
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
        assertThat(rig.floats(sum)).isEqualTo(x);
        close("addRmsNorm", rig.floats(out), rmsNorm(x, w, columns), 5e-7);
    }

    private static double[] rmsNorm(float[] x, float[] w, int columns) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            int row = i / columns * columns;
            double squares = 0;
            for (int c = row; c < row + columns; c++) {
                squares += (double) x[c] * x[c];
            }
            result[i] = x[i] / Math.sqrt(squares / columns + EPSILON) * w[i % columns];
        }
        return result;
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void softmaxIsOfExponentials(int columns) {
        float[] x = Rig.random(ROWS * columns, new SplittableRandom(columns));
        for (int i = 0; i < x.length; i++) {
            x[i] *= i / columns == 1 ? 60 : 9;
        }
        double[] expected = new double[x.length];
        for (int row = 0; row < x.length; row += columns) {
            double sum = 0;
            for (int c = row; c < row + columns; c++) {
                sum += Math.exp(x[c]);
            }
            for (int c = row; c < row + columns; c++) {
                expected[c] = Math.exp(x[c]) / sum;
            }
        }
        Rig.Memory memory = rig.floats(x);
        rig.kernel("softmax").with(memory).words(columns).run(ROWS);
        // The difference to the largest is rounded: up to 128 of them, half an ulp is 4e-6.
        close("softmax", rig.floats(memory), expected, 6e-6);
    }

    @Test
    void softmaxOfExtremesDoesNotOverflow() {
        Rig.Memory memory =
                rig.floats(3e38f, -3e38f, Float.NEGATIVE_INFINITY, 3e38f, 1000, 999, -1e4f, -1e30f);
        rig.kernel("softmax").with(memory).words(4).run(2);
        float[] y = rig.floats(memory);
        assertThat(Arrays.copyOf(y, 4)).containsExactly(0.5f, 0, 0, 0.5f);
        assertThat(y[4]).isCloseTo(0.7310586f, within(1e-7f));
        assertThat(y[5]).isCloseTo(0.26894143f, within(1e-7f));
        assertThat(y[6]).isZero();
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void normalizeDividesByTheSum(int columns) {
        float[] x = Rig.random(ROWS * columns, new SplittableRandom(columns));
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.abs(x[i]) + 0.01f;
        }
        double[] expected = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            double sum = 0;
            for (int c = 0; c < columns; c++) {
                sum += x[i / columns * columns + c];
            }
            expected[i] = x[i] / sum;
        }
        Rig.Memory memory = rig.floats(x);
        rig.kernel("normalize").with(memory).words(columns).run(ROWS);
        close("normalize", rig.floats(memory), expected, 5e-7);
    }

    @Test
    void nanIsNeverHidden() {
        for (int at = 0; at < 200; at += 7) {
            float[] x = new float[200];
            Arrays.fill(x, 1);
            x[at] = Float.NaN;
            Rig.Memory one = rig.floats(x);
            rig.kernel("softmax").with(one).words(200).run(1);
            assertThat(rig.floats(one)[at]).isNaN();
            Rig.Memory two = rig.floats(x);
            rig.kernel("normalize").with(two).words(200).run(1);
            assertThat(rig.floats(two)[0]).isNaN();
            Rig.Memory three = rig.floats(x);
            rig.kernel("rmsNorm").with(three, three, three).words(200).real(EPSILON).run(1);
            assertThat(rig.floats(three)[at]).isNaN();
            for (int f = 0; f < 3; f++) {
                Rig.Memory four = rig.floats(x);
                rig.kernel("activate", f).with(four).words(200).run(1);
                assertThat(rig.floats(four)[at]).isNaN();
            }
        }
    }

    // ---- single values

    @ParameterizedTest
    @ValueSource(ints = {1, 255, 256, 257, 100_003})
    void sumsAndProductsAreExact(int n) {
        var random = new SplittableRandom(n);
        float[] x = Rig.random(n, random);
        float[] y = Rig.random(n, random);
        float[] sums = new float[n];
        float[] products = new float[n];
        for (int i = 0; i < n; i++) {
            sums[i] = x[i] + y[i];
            products[i] = x[i] * y[i];
        }
        for (int groups : new int[] {(n + 255) / 256, 1}) { // one group goes round
            Rig.Memory sum = rig.floats(x);
            rig.kernel("add").with(sum, rig.floats(y)).words(n).run(groups);
            assertThat(rig.floats(sum)).isEqualTo(sums);
            Rig.Memory product = rig.floats(x);
            rig.kernel("multiply").with(product, rig.floats(y)).words(n).run(groups);
            assertThat(rig.floats(product)).isEqualTo(products);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void activationsAreAccurateOverTheirWholeRange(int f) {
        int n = 200_000;
        float[] x = new float[n];
        float[] up = Rig.random(n, new SplittableRandom(1));
        for (int i = 0; i < n; i++) {
            x[i] =
                    (i - n / 2)
                            * (f == 1
                                    ? 7e-5f
                                    : 8.7e-4f); // GELU to ±7, SILU to ±87: beyond it is 0 or x
        }
        float[] more = {0, -0f, 1e-30f, -1e-30f, 1000, -1000, -88, -87.4f, 3e38f, -3e38f};
        System.arraycopy(more, 0, x, 0, more.length);
        double[] expected = new double[n];
        double[] gated = new double[n];
        for (int i = 0; i < n; i++) {
            double v = x[i];
            expected[i] =
                    switch (f) {
                        case 0 -> v < -90 ? 0 : v / (1 + Math.exp(-v));
                        case 1 ->
                                v < -30
                                        ? 0
                                        : v
                                                / 2
                                                * (1
                                                        + Math.tanh(
                                                                Math.sqrt(2 / Math.PI)
                                                                        * (v
                                                                                + 0.044715 * v * v
                                                                                        * v)));
                        default -> Math.max(v, 0);
                    };
            gated[i] = expected[i] * up[i];
        }
        Rig.Memory memory = rig.floats(x);
        rig.kernel("activate", f).with(memory).words(n).run((n + 255) / 256);
        float[] y = rig.floats(memory);
        Rig.Memory gate = rig.floats(x);
        rig.kernel("gate", f).with(gate, rig.floats(up)).words(n).run((n + 255) / 256);
        float[] z = rig.floats(gate);
        for (int i = 0; i < n; i++) {
            // GELU of large negative numbers: e^−2u, whose exponent is rounded; and tanh in double
            // ends at −1. Of small ones 1 + tanh loses a bit and a half.
            double ofGelu = x[i] < -1 ? 4e-6 : 6e-7;
            double relative = f == 1 ? ofGelu : 3e-7;
            double absolute = f == 1 ? 1e-15 : 1e-35;
            if (Math.abs(expected[i]) > 1e-30 && (f != 1 || x[i] > -4)) {
                Errors.note(
                        "activation " + f, Math.abs(y[i] - expected[i]) / Math.abs(expected[i]));
            }
            assertThat((double) y[i])
                    .as("f%d(%s)", f, x[i])
                    .isCloseTo(expected[i], within(Math.abs(expected[i]) * relative + absolute));
            assertThat((double) z[i])
                    .as("f%d(%s) · %s", f, x[i], up[i])
                    .isCloseTo(gated[i], within(Math.abs(gated[i]) * (relative + 1e-7) + absolute));
        }
    }

    // ---- rows chosen, experts

    @ParameterizedTest
    @MethodSource("lengths")
    void selectCopiesRows(int columns) {
        float[] x = Rig.random(5 * columns, new SplittableRandom(columns));
        int[] outputs = {4, 0, 2};
        Rig.Memory out = rig.room(3 * columns);
        rig.kernel("select").with(out, rig.floats(x), rig.ints(outputs)).words(columns).run(3);
        float[] y = rig.floats(out);
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isEqualTo(x[outputs[i / columns] * columns + i % columns]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 60, 128, 129, 300})
    void topKTakesTheLargestFirstAndTheLowerOfEquals(int columns) {
        var random = new SplittableRandom(columns);
        int tokens = 9;
        int used = Math.min(columns, 8);
        float[] scores = new float[tokens * columns];
        for (int i = 0; i < scores.length; i++) {
            int kind = i / columns % 3; // many equals; all sorts; what is not a number
            scores[i] =
                    switch (kind) {
                        case 0 -> random.nextInt(-2, 3) * (random.nextBoolean() ? 0f : -0f);
                        case 1 -> (float) random.nextDouble(-1, 1);
                        default ->
                                random.nextInt(3) == 0
                                        ? Float.NEGATIVE_INFINITY
                                        : random.nextInt(4) == 0 ? random.nextInt(2) : Float.NaN;
                    };
        }
        Rig.Memory ids = rig.room(tokens * used);
        Rig.Memory weights = rig.room(tokens * used);
        rig.kernel("topK").with(ids, weights, rig.floats(scores)).words(columns, used).run(tokens);
        int[] taken = rig.ints(ids);
        float[] of = rig.floats(weights);
        for (int t = 0; t < tokens; t++) {
            float[] row = Arrays.copyOfRange(scores, t * columns, (t + 1) * columns);
            for (int k = 0; k < used; k++) {
                int best = -1;
                for (int c = 0; c < columns; c++) {
                    if (!Float.isNaN(row[c]) && (best < 0 || row[c] > row[best])) {
                        best = c;
                    }
                }
                int id = best < 0 ? k : best;
                assertThat(taken[t * used + k]).as("token %d place %d", t, k).isEqualTo(id);
                assertThat(Float.floatToIntBits(of[t * used + k]))
                        .isEqualTo(Float.floatToIntBits(scores[t * columns + id]));
                row[id] = Float.NaN;
            }
        }
    }

    /// One piece: values in, columns and values out.
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 64, 127, 129, 1025, 2047, 2048})
    void largestIsInOrder(int columns) {
        var random = new SplittableRandom(columns);
        int rows = 6;
        float[] x = Rig.random(rows * columns, random);
        for (int i = 0; i < x.length; i++) {
            switch (i / columns) {
                case 0 -> x[i] = Math.round(x[i] * 3);
                case 1 -> x[i] = Float.NaN;
                case 2 -> x[i] = Float.NEGATIVE_INFINITY;
                case 3 -> x[i] = -Math.abs(x[i]) - 1;
                case 4 -> x[i] = random.nextInt(3) == 0 ? Float.NaN : x[i];
                default -> {}
            }
        }
        for (int kept : new int[] {1, 2, 64, 100}) {
            Rig.Memory out = rig.room(rows * 2 * kept);
            rig.kernel("largest", 1, 1)
                    .with(out, out, rig.floats(x))
                    .words(columns, columns, kept)
                    .run(1, rows);
            float[] actual = rig.floats(out);
            for (int row = 0; row < rows; row++) {
                int at = 2 * row * kept;
                boolean[] taken = new boolean[columns];
                for (int k = 0; k < kept; k++) {
                    int best = -1;
                    for (int c = 0; c < columns; c++) {
                        float value = x[row * columns + c];
                        boolean before =
                                best < 0
                                        || value > x[row * columns + best]
                                        || (Float.isNaN(value)
                                                && !Float.isNaN(x[row * columns + best]));
                        best = !taken[c] && before ? c : best;
                    }
                    float value = best < 0 ? Float.NEGATIVE_INFINITY : x[row * columns + best];
                    assertThat(actual[at + k]).as("row %d place %d", row, k).isEqualTo(best);
                    assertThat((Float) actual[at + kept + k]).isEqualTo((Float) value);
                    if (best >= 0) {
                        taken[best] = true;
                    }
                }
            }
        }
    }

    /// Two steps, as whoever calls it takes them: what pieces keep, then what is left of that.
    @Test
    void largestOfManyPieces() {
        int columns = 3 * 2048 + 17;
        int rows = 2;
        int kept = 5;
        int pieces = 4;
        float[] x = Rig.random(rows * columns, new SplittableRandom(8));
        x[columns - 1] = 2;
        x[1] = 2; // the lower of two in different pieces
        x[columns + 4000] = Float.NaN;
        Rig.Memory values = rig.floats(x);
        Rig.Memory keys = rig.room(2 * rows * pieces * kept);
        Rig.Memory out = rig.room(rows * 2 * kept);
        rig.kernel("largest", 1, 0)
                .with(keys, keys, values)
                .words(columns, columns, kept)
                .run(pieces, rows);
        rig.kernel("largest", 0, 1)
                .with(out, keys, values)
                .words(pieces * kept, columns, kept)
                .run(1, rows);
        float[] actual = rig.floats(out);
        assertThat(Arrays.copyOf(actual, 2)).containsExactly(1, columns - 1);
        assertThat(Arrays.copyOfRange(actual, kept, kept + 2)).containsExactly(2, 2);
        assertThat(actual[2 * kept]).isEqualTo(4000);
        assertThat(actual[3 * kept]).isNaN();
        for (int row = 0; row < rows; row++) {
            for (int k = 2; k < kept; k++) {
                float value = actual[(2 * row + 1) * kept + k];
                assertThat(value).isEqualTo(x[row * columns + (int) actual[2 * row * kept + k]]);
                assertThat(value).isLessThanOrEqualTo(actual[(2 * row + 1) * kept + k - 1]);
                int at = row * columns;
                assertThat(IntStream.range(at, at + columns).filter(i -> x[i] > value).count())
                        .isEqualTo(row == 0 ? k : k - 1); // of the second row one is no number
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void combineWeighsTheExperts(int columns) {
        var random = new SplittableRandom(columns);
        for (int used : new int[] {1, 2, 8}) {
            float[] y = Rig.random(ROWS * used * columns, random);
            float[] weights = Rig.random(ROWS * used, random);
            Rig.Memory out = rig.room(ROWS * columns);
            rig.kernel("combine")
                    .with(out, rig.floats(y), rig.floats(weights))
                    .words(columns, used)
                    .run(ROWS);
            float[] actual = rig.floats(out);
            for (int i = 0; i < actual.length; i++) {
                int t = i / columns;
                double expected = 0;
                for (int k = 0; k < used; k++) {
                    int expert = t * used + k;
                    expected += (double) weights[expert] * y[expert * columns + i % columns];
                }
                assertThat((double) actual[i]).isCloseTo(expected, within(1e-6));
            }
        }
    }
}
