package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.gpu.CodedFormats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What multiplies packed bytes: `repack`, `quantize`, `products`, `productGate` and `productAdd` against the formats' definitions
/// and sums in double.
class PackedProductsTest extends KernelTest {
    private static final int REPACKED = 256;
    private static final float EPSILON = 1e-5f;

    static List<Format> formats() {
        return List.of(new Q4_0(), new Q8_0(), new Q4_K(), new Q5_K(), new Q6_K());
    }

    static Stream<Format> repackedFormats() {
        return formats().stream().filter(RepackedRows::changes);
    }

    /// One piece a row, and more than the invocations of a subgroup bring at once, of which the last are fewer.
    private static List<Integer> lengths(Format format) {
        return List.of(format.blockLength(), 2048 + format.blockLength());
    }

    // ---- layouts

    @ParameterizedTest
    @MethodSource("repackedFormats")
    void repackMovesBytesAndNothingElse(Format format) {
        for (int columns : lengths(format)) {
            int rows = 5;
            byte[] bytes = new byte[(int) format.byteSize((long) rows * columns)];
            new SplittableRandom(columns).nextBytes(bytes);
            MemorySegment data = MemorySegment.ofArray(bytes);
            long pitch = RepackedRows.pitch(format, columns);
            Rig.Memory to = rig.bytes(MemorySegment.ofArray(new byte[(int) (rows * pitch)]));
            rig.kernel("repack", format.type().id())
                    .with(to, rig.bytes(data))
                    .words(rows, columns)
                    .run(2); // fewer groups than rows
            assertThat(rig.bytes(to).mismatch(RepackedRows.of(format, data, rows, columns)))
                    .as("%s×%d", format.type(), columns)
                    .isEqualTo(-1);
        }
    }

    /// The other kernels find the weights of repacked rows too.
    @ParameterizedTest
    @MethodSource("repackedFormats")
    void repackedRowsAreReadByAllKernels(Format format) {
        var random = new SplittableRandom(1);
        int rows = 70;
        for (int columns : lengths(format)) {
            MemorySegment data = Rig.weights(format, rows, columns, random);
            float[] w = Rig.decode(format, data, rows * columns);
            Rig.Memory weights = rig.bytes(RepackedRows.of(format, data, rows, columns));
            int stored = format.type().id() + REPACKED;
            int[] ids = {69, 0, 33};
            Rig.Memory decoded = rig.room(ids.length * columns);
            rig.kernel("embed", stored)
                    .with(decoded, weights, rig.ints(ids))
                    .words(columns, rows)
                    .run(ids.length);
            float[] actual = rig.floats(decoded);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i])
                        .isCloseTo(w[ids[i / columns] * columns + i % columns], within(2e-6f));
            }
            int tokens = 9;
            float[] x = Rig.random(tokens * columns, random);
            Rig.Memory inputs = rig.floats(x);
            for (String kernel : List.of("matvec", "matmul")) {
                Rig.Memory out = rig.room(tokens * rows);
                rig.kernel(kernel, stored)
                        .with(out, weights, inputs)
                        .words(rows, columns, tokens, 0)
                        .run((rows + 3) / 4);
                float[] products = rig.floats(out);
                for (int i = 0; i < products.length; i++) {
                    int wAt = i % rows * columns;
                    int xAt = i / rows * columns;
                    assertThat((double) products[i])
                            .as("%s %s×%d", kernel, format.type(), columns)
                            .isCloseTo(
                                    Rig.dot(w, wAt, x, xAt, columns),
                                    within(Rig.dotBound(w, wAt, x, xAt, columns)));
                }
            }
        }
    }

    // ---- vectors

    @ParameterizedTest
    @ValueSource(ints = {16, 64, 80, 2048, 2080})
    void quantizeKeepsEachBlockToItsLargest(int n) {
        float[] x = vector(n, new SplittableRandom(n));
        float[] norm = Rig.random(n, new SplittableRandom(2));
        for (boolean normed : new boolean[] {false, true}) {
            QuantizedVector actual = quantize(x, normed ? norm : null);
            float[] values = actual.values();
            for (int i = 0; i < n; i++) {
                double expected = normed ? (double) x[i] * norm[i] : x[i];
                assertThat((double) values[i])
                        .as("value %d of %d", i, n)
                        .isCloseTo(
                                expected,
                                within(
                                        largest(x, normed ? norm : null, i)
                                                * QuantizedVector.ERROR));
            }
            for (int b = 0; b < n / 16; b++) {
                int from = b * 16;
                long sum = Arrays.stream(actual.codes(), from, from + 16).asLongStream().sum();
                assertThat(actual.scaledSums()[b]).isEqualTo(actual.scales()[b] * sum);
                double squares = Rig.dot(x, from, x, from, 16);
                assertThat((double) actual.squares()[b]) // sixteen roundings at most
                        .isCloseTo(squares, within(16 * Math.ulp(1f) * squares));
            }
        }
    }

    @Test
    void aBlockThatIsNotFiniteSpoilsItsProductsAndATinyOneIsZero() {
        float[] x = new float[64];
        Arrays.fill(x, 1);
        x[3] = Float.POSITIVE_INFINITY;
        x[20] = Float.NaN;
        Arrays.fill(x, 32, 48, 1e-31f);
        QuantizedVector actual = quantize(x, null);
        assertThat(actual.scales()[0]).isNaN();
        assertThat(actual.scaledSums()[0]).isNaN();
        assertThat(actual.scales()[1]).isNaN();
        assertThat(actual.scales()[2]).isZero();
        assertThat(actual.codes()[63]).isEqualTo(32639);
    }

    private QuantizedVector quantize(float[] x, float @Nullable [] norm) {
        Rig.Memory to = rig.bytes(MemorySegment.ofArray(new byte[QuantizedVector.bytes(x.length)]));
        var call = rig.kernel("quantize").with(to, rig.floats(x));
        call = norm == null ? call.offset(0) : call.with(rig.floats(norm));
        call.words(x.length).run((x.length + 2047) / 2048);
        return QuantizedVector.read(rig.bytes(to), x.length);
    }

    private static double largest(float[] x, float @Nullable [] norm, int i) {
        double largest = 0;
        for (int k = i / 16 * 16; k < i / 16 * 16 + 16; k++) {
            largest = Math.max(largest, Math.abs((double) x[k] * (norm == null ? 1 : norm[k])));
        }
        return largest;
    }

    /// Blocks of several sizes, one of zeros among them.
    private static float[] vector(int n, SplittableRandom random) {
        float[] x = Rig.random(n, random);
        for (int i = 0; i < n; i++) {
            x[i] *= i / 16 % 5 == 3 ? 0 : 1 << i / 16 % 4;
        }
        return x;
    }

    // ---- products

    /// Invocations of a workgroup: a row's parts once or several times, and subgroups that are left over.
    private static final List<Integer> DIVISIONS = List.of(256, 512, 192, 64);

    /// How a kernel divides its work: invocations of a workgroup, times sixteen rows of one, the most parts of a row.
    private record Division(int invocations, int groups, int parts) {}

    /// A matrix with its weights on the device and decoded.
    private final class Matrix {
        private final Format format;
        private final int rows;
        private final int columns;
        private final float[] w;
        private final Rig.Memory memory;

        Matrix(Format format, int rows, int columns, SplittableRandom random) {
            this.format = format;
            this.rows = rows;
            this.columns = columns;
            MemorySegment data = Rig.weights(format, rows, columns, random);
            w = Rig.decode(format, data, rows * columns);
            memory = rig.bytes(RepackedRows.of(format, data, rows, columns));
        }

        double times(float[] x, int row) {
            return Rig.dot(w, row * columns, x, 0, columns);
        }

        /// Codes and minima are multiplied apart: each part is as large as twice the largest weight of the row at most.
        double bound(float[] x, int row) {
            double largest = 0;
            for (int c = 0; c < columns; c++) {
                largest = Math.max(largest, Math.abs(w[row * columns + c]));
            }
            double norm = Math.sqrt(Rig.dot(x, 0, x, 0, columns));
            return 4 * Math.sqrt(columns) * Math.ulp(1f) * largest * norm;
        }
    }

    /// Whether `unpackHalf2x16` is exact here: then kernels may use it.
    private List<Integer> exactHalves() {
        Rig.Memory wrong = rig.ints(0);
        rig.kernel("exactHalves").with(wrong).run(1);
        return rig.ints(wrong)[0] == 0 ? List.of(0, 1) : List.of(0);
    }

    /// @param number which of the divisions to take, and whether to use the device's own halves
    record Pair(Format first, Format other, int columns, int number) {
        @Override
        public String toString() {
            return "%s and %s×%d".formatted(first.type(), other.type(), columns);
        }
    }

    /// Each format alone, and each with the next; two of `codes.glsl`. A driver takes a second for the kernel of a pair, so the divisions take turns.
    static List<Pair> pairs() {
        List<Pair> pairs = new ArrayList<>();
        List<Format> formats = formats();
        for (int f = 0; f < formats.size(); f++) {
            Format format = formats.get(f);
            for (int columns : lengths(format)) {
                pairs.add(new Pair(format, format, columns, pairs.size()));
            }
            Format next = formats.get((f + 1) % formats.size());
            pairs.add(new Pair(format, next, 768, pairs.size()));
        }
        pairs.add(new Pair(new IQ3_S(), new IQ3_S(), 2304, pairs.size()));
        pairs.add(new Pair(new Q6_K(), new Q2_K(), 768, pairs.size()));
        return pairs;
    }

    static Stream<Format> otherFormats() {
        return Formats.ALL.stream().filter(f -> f.blockLength() > 1 && !formats().contains(f));
    }

    /// Products of the formats of `codes.glsl` are made of these. The kernels, which take long to compile, run with two of them.
    @ParameterizedTest
    @MethodSource("otherFormats")
    void piecesAddUpToTheProducts(Format format) {
        int rows = 3;
        int columns = 512;
        var random = new SplittableRandom(4);
        var matrix = new Matrix(format, rows, columns, random);
        var vector = QuantizedVector.of(vector(columns, random), new float[columns]);
        int pieces = columns / 32;
        Rig.Memory out = rig.room(rows * pieces);
        rig.kernel("testPieces", format, 0, 32, 1, 0, columns, 0)
                .with(out, matrix.memory, rig.bytes(vector.encoded()))
                .codebooks(format)
                .run(rows);
        float[] parts = rig.floats(out);
        for (int r = 0; r < rows; r++) {
            double sum = 0;
            for (int i = 0; i < pieces; i++) {
                sum += parts[r * pieces + i];
            }
            assertThat(sum)
                    .as("%s row %d", format.type(), r)
                    .isCloseTo(
                            matrix.times(vector.values(), r),
                            within(matrix.bound(vector.values(), r)));
        }
    }

    /// Three matrices of which the last is of the other format, whose rows fill no group; with a norm's scale, and without.
    @ParameterizedTest
    @MethodSource("pairs")
    void productsAreTheProducts(Pair pair) {
        var random = new SplittableRandom(pair.columns());
        int columns = pair.columns();
        Matrix[] matrices = {
            new Matrix(pair.first(), 16, columns, random),
            new Matrix(pair.first(), 7, columns, random),
            new Matrix(pair.other(), 37, columns, random)
        };
        float[] unnormed = vector(columns, random);
        var vector = QuantizedVector.of(vector(columns, random), unnormed);
        Rig.Memory x = rig.bytes(vector.encoded());
        int exactHalves = pair.number() % 2 == 0 ? 0 : exactHalves().getLast();
        var division =
                new Division(
                        DIVISIONS.get(pair.number() % DIVISIONS.size()),
                        pair.number() % 2 == 0 ? 3 : 1,
                        pair.number() % 4 == 1 ? 2 : 16);
        products(matrices, x, vector, division, exactHalves, pair.number() % 3 != 0);
    }

    private void products(
            Matrix[] matrices,
            Rig.Memory x,
            QuantizedVector vector,
            Division division,
            int exactHalves,
            boolean normed) {
        int columns = matrices[0].columns;
        Rig.Memory[] out = new Rig.Memory[3];
        Arrays.setAll(out, m -> rig.room(matrices[m].rows));
        Rig.Memory host = rig.room(matrices[0].rows);
        String kernel = CodedFormats.kernel("products", matrices[0].format);
        rig.kernel(
                        kernel.equals("products")
                                ? CodedFormats.kernel(kernel, matrices[2].format)
                                : kernel,
                        matrices[0].format.type().id(),
                        matrices[2].format.type().id(),
                        division.invocations,
                        1,
                        normed ? 1 : 0,
                        columns,
                        exactHalves,
                        division.groups,
                        division.parts)
                .with(x, matrices[0].memory, matrices[1].memory, matrices[2].memory)
                .with(out)
                .with(host)
                .codebooks(matrices[0].format)
                .words(matrices[0].rows, matrices[1].rows, matrices[2].rows, 2)
                .real(EPSILON)
                .run(division.groups == 1 ? 1 + 1 + 3 : 1 + 1 + 1);
        double scale = normed ? normScale(vector) : 1;
        for (int m = 0; m < 3; m++) {
            float[] actual = rig.floats(out[m]);
            for (int r = 0; r < actual.length; r++) {
                double bound = matrices[m].bound(vector.values(), r) * scale;
                double expected = matrices[m].times(vector.values(), r) * scale;
                Errors.note("products / bound", Math.abs(actual[r] - expected) / bound);
                assertThat((double) actual[r])
                        .as("matrix %d row %d, %s", m, r, division)
                        .isCloseTo(expected, within(bound));
            }
        }
        assertThat(rig.floats(host)).isEqualTo(rig.floats(out[0]));
    }

    private static double normScale(QuantizedVector vector) {
        double squares = 0;
        for (float square : vector.squares()) {
            squares += square;
        }
        return 1 / Math.sqrt(squares / vector.codes().length + EPSILON);
    }

    /// The others have no rows.
    @Test
    void oneProductLeavesTheOthersAlone() {
        Format format = new Q4_K();
        var random = new SplittableRandom(5);
        var matrix = new Matrix(format, 33, 512, random);
        var vector = QuantizedVector.of(vector(512, random), new float[512]);
        Rig.Memory out = rig.room(33);
        int type = format.type().id();
        rig.kernel("products", type, type, 256, 1, 0, 512, 0)
                .with(rig.bytes(vector.encoded()), matrix.memory)
                .offset(0)
                .offset(0)
                .with(out)
                .offset(0)
                .offset(0)
                .offset(0)
                .offset(0)
                .words(33, 0, 0, 1)
                .real(0)
                .run(3);
        float[] actual = rig.floats(out);
        for (int r = 0; r < actual.length; r++) {
            assertThat((double) actual[r])
                    .isCloseTo(
                            matrix.times(vector.values(), r),
                            within(matrix.bound(vector.values(), r)));
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void productGateIsTheGateOfBothProducts(Format format) {
        for (int columns : lengths(format)) {
            var random = new SplittableRandom(columns);
            int rows = 48;
            var gate = new Matrix(format, rows, columns, random);
            var up = new Matrix(format, rows, columns, random);
            var vector = QuantizedVector.of(vector(columns, random), large(columns, random));
            Rig.Memory to = rig.bytes(MemorySegment.ofArray(new byte[QuantizedVector.bytes(rows)]));
            rig.kernel("productGate", format, 0, 256, 2, 1, columns, 0, 2, 16)
                    .with(rig.bytes(vector.encoded()), gate.memory, up.memory, to)
                    .codebooks(format)
                    .words(rows)
                    .real(EPSILON)
                    .run(2); // of two times sixteen rows, of which the last has one
            var result = QuantizedVector.read(rig.bytes(to), rows);
            float[] actual = result.values();
            double scale = normScale(vector);
            float[] x = vector.values();
            for (int r = 0; r < rows; r++) {
                double g = gate.times(x, r) * scale;
                double u = up.times(x, r) * scale;
                double silu = g / (1 + Math.exp(-g));
                // The slope of silu is 1.1 at most; an exponential and a division round, too.
                double bound =
                        1.1 * gate.bound(x, r) * scale * Math.abs(u)
                                + Math.abs(silu) * up.bound(x, r) * scale
                                + 8 * Math.ulp(1f) * Math.abs(silu * u)
                                + result.largest(r) * QuantizedVector.ERROR;
                assertThat((double) actual[r])
                        .as("%s×%d row %d", format.type(), columns, r)
                        .isCloseTo(silu * u, within(bound));
            }
        }
    }

    /// So that a gate is not of a number that is nearly zero or has no curve.
    private static float[] large(int n, SplittableRandom random) {
        float[] x = Rig.random(n, random);
        for (int i = 0; i < n; i++) {
            x[i] *= 100;
        }
        return x;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void productAddIsTheSumAndItsNextVector(Format format) {
        for (int columns : lengths(format)) {
            var random = new SplittableRandom(columns);
            int rows = 80;
            var matrix = new Matrix(format, rows, columns, random);
            var vector = QuantizedVector.of(vector(columns, random), new float[columns]);
            float[] y = large(rows, random);
            float[] norm = Rig.random(rows, random);
            Rig.Memory sum = rig.floats(y);
            Rig.Memory next =
                    rig.bytes(MemorySegment.ofArray(new byte[QuantizedVector.bytes(rows)]));
            rig.kernel("productAdd", format, 0, 512, 1, 0, columns, 0, 2, 4)
                    .with(rig.bytes(vector.encoded()), matrix.memory, sum, rig.floats(norm), next)
                    .codebooks(format)
                    .words(rows)
                    .run(3);
            float[] actual = rig.floats(sum);
            var quantized = QuantizedVector.read(rig.bytes(next), rows);
            float[] values = quantized.values();
            float[] x = vector.values();
            for (int r = 0; r < rows; r++) {
                double expected = y[r] + matrix.times(x, r);
                assertThat((double) actual[r])
                        .as("%s×%d row %d", format.type(), columns, r)
                        .isCloseTo(
                                expected,
                                within(matrix.bound(x, r) + Math.ulp(1f) * Math.abs(expected)));
                assertThat((double) values[r])
                        .as("%s×%d next %d", format.type(), columns, r)
                        .isCloseTo(
                                (double) actual[r] * norm[r],
                                within(largest(actual, norm, r) * QuantizedVector.ERROR));
            }
            for (int b = 0; b < rows / 16; b++) {
                double squares = Rig.dot(actual, b * 16, actual, b * 16, 16);
                assertThat((double) quantized.squares()[b])
                        .isCloseTo(squares, within(16 * Math.ulp(1f) * squares));
            }
        }
    }

    /// Without a reader there is only the sum; where it is no norm's, the next vector is the sum itself.
    @Test
    void productAddLeavesOutWhatNobodyReads() {
        var random = new SplittableRandom(8);
        var matrix = new Matrix(new Q8_0(), 16, 64, random);
        var vector = QuantizedVector.of(vector(64, random), new float[64]);
        float[] y = Rig.random(16, random);
        Rig.Memory x = rig.bytes(vector.encoded());
        Rig.Memory sum = rig.floats(y);
        Rig.Memory next = rig.bytes(MemorySegment.ofArray(new byte[QuantizedVector.bytes(16)]));
        int type = new Q8_0().type().id();
        rig.kernel("productAdd", type, 0, 256, 1, 0, 64, 0)
                .with(x, matrix.memory, sum)
                .offset(0)
                .offset(0)
                .offset(0)
                .words(16)
                .run(1);
        float[] once = rig.floats(sum);
        rig.kernel("productAdd", type, 0, 256, 1, 0, 64, 0)
                .with(x, matrix.memory, sum)
                .offset(0)
                .with(next)
                .offset(0)
                .words(16)
                .run(1);
        float[] twice = rig.floats(sum);
        float[] values = QuantizedVector.read(rig.bytes(next), 16).values();
        for (int r = 0; r < 16; r++) {
            double product = matrix.times(vector.values(), r);
            double bound = matrix.bound(vector.values(), r) + Math.ulp(8f);
            assertThat((double) once[r]).isCloseTo(y[r] + product, within(bound));
            assertThat((double) twice[r]).isCloseTo(once[r] + product, within(bound));
            assertThat((double) values[r])
                    .isCloseTo(twice[r], within(largest(twice, null, r) * QuantizedVector.ERROR));
        }
    }

    /// Scales so small that some drivers read them as zero.
    @Test
    void subnormalScalesAreRead() {
        Format format = new Q8_0();
        int columns = 64;
        MemorySegment data = Rig.weights(format, 16, columns, new SplittableRandom(9));
        for (int block = 0; block < 32; block++) {
            data.set(ValueLayout.JAVA_SHORT_UNALIGNED, block * 34L, (short) (block * 31 + 1));
        }
        float[] w = Rig.decode(format, data, 16 * columns);
        var vector = QuantizedVector.of(Rig.random(64, new SplittableRandom(1)), new float[64]);
        int type = format.type().id();
        for (int exact : exactHalves()) {
            Rig.Memory out = rig.room(16);
            rig.kernel("products", type, type, 256, 1, 0, columns, exact)
                    .with(
                            rig.bytes(vector.encoded()),
                            rig.bytes(RepackedRows.of(format, data, 16, columns)))
                    .offset(0)
                    .offset(0)
                    .with(out)
                    .offset(0)
                    .offset(0)
                    .offset(0)
                    .offset(0)
                    .words(16, 0, 0, 1)
                    .real(0)
                    .run(1);
            float[] actual = rig.floats(out);
            for (int r = 0; r < 16; r++) {
                double expected = Rig.dot(w, r * columns, vector.values(), 0, columns);
                assertThat((double) actual[r])
                        .isCloseTo(
                                expected,
                                within(
                                        4
                                                * Rig.dotBound(
                                                        w,
                                                        r * columns,
                                                        vector.values(),
                                                        0,
                                                        columns)));
            }
        }
    }
}
