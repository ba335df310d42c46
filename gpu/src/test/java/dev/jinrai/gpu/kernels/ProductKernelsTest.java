package dev.jinrai.gpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `embed`, `matvec`, `matvecExperts` and `matmul` against the formats' definitions and sums in double.
class ProductKernelsTest extends KernelTest {
    record Shape(Format format, int rows, int columns, int tokens) {}

    static Stream<Format> formats() {
        return Rig.formats();
    }

    private static List<Integer> lengths(Format format) {
        int block = format.blockLength();
        return block == 1
                ? List.of(1, 2, 3, 4, 5, 8, 12, 13, 15, 16, 17, 24, 31, 33, 64, 207, 1000, 2056)
                : List.of(block, 3 * block, 9 * block);
    }

    static Stream<Shape> few() {
        return formats()
                .flatMap(f ->
                        Stream.concat(
                                lengths(f).stream()
                                        .flatMap(n ->
                                                Stream.of(1, 3, 8).map(t -> new Shape(f, 7, n, t))),
                                Stream.of(1, 3, 4, 5, 8, 64, 130)
                                        .flatMap(r ->
                                                Stream.of(1, 2, 4, 5, 6, 7, 9, 17)
                                                        .map(t ->
                                                                new Shape(
                                                                        f,
                                                                        r,
                                                                        lengths(f).getLast(),
                                                                        t)))));
    }

    static Stream<Shape> many() {
        return formats()
                .flatMap(f ->
                        Stream.concat(
                                lengths(f).stream()
                                        .flatMap(n ->
                                                Stream.of(1, 65).map(t -> new Shape(f, 7, n, t))),
                                Stream.of(1, 8, 63, 64, 65, 130)
                                        .flatMap(r ->
                                                Stream.of(9, 16, 63, 64, 130)
                                                        .map(t ->
                                                                new Shape(
                                                                        f,
                                                                        r,
                                                                        lengths(f).getLast(),
                                                                        t)))));
    }

    @ParameterizedTest
    @MethodSource("few")
    void matvecIsTheProduct(Shape shape) {
        product(shape, "matvec", 4, shape.tokens() == 1 ? 1 : 8);
    }

    @ParameterizedTest
    @MethodSource("many")
    void matmulIsTheProduct(Shape shape) {
        product(shape, "matmul", 0, 0);
    }

    /// The second of three slices is multiplied with.
    private void product(Shape shape, String kernel, int rowsAGroup, int tokensATime) {
        Format format = shape.format();
        int rows = shape.rows();
        int columns = shape.columns();
        var random = new SplittableRandom(shape.hashCode());
        MemorySegment data = Rig.weights(format, 3 * rows, columns, random);
        float[] w = Rig.decode(format, data, 3 * rows * columns);
        float[] x = Rig.random(shape.tokens() * columns, random);
        Rig.Memory out = rig.room(shape.tokens() * rows);
        Rig.Memory weights = rig.bytes(data);
        Rig.Memory inputs = rig.floats(x);
        if (kernel.equals("matmul")) {
            rig.kernel(kernel, format)
                    .with(out, weights, inputs)
                    .words(rows, columns, shape.tokens(), 1)
                    .codebooks(format)
                    .run((rows + 63) / 64, (shape.tokens() + 63) / 64);
        } else {
            rig.kernel(kernel, format, rowsAGroup, tokensATime)
                    .with(out, weights, inputs)
                    .words(rows, columns, shape.tokens(), 1)
                    .codebooks(format)
                    .run((rows + rowsAGroup - 1) / rowsAGroup);
        }
        float[] actual = rig.floats(out);
        for (int i = 0; i < actual.length; i++) {
            int t = i / rows;
            int r = i % rows;
            int wAt = (rows + r) * columns;
            int xAt = t * columns;
            double expected = Rig.dot(w, wAt, x, xAt, columns);
            double bound = Rig.dotBound(w, wAt, x, xAt, columns);
            Errors.note(kernel + " " + format.type(), Math.abs(actual[i] - expected) / bound);
            assertThat((double) actual[i])
                    .as("%s %s token %d row %d", kernel, shape, t, r)
                    .isCloseTo(expected, within(bound));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 8})
    void matvecGivesTheSameBitsHoweverManyRowsAndTokensItTakesAtATime(int rowsAGroup) {
        Format format = new dev.jinrai.format.Q4_K();
        int rows = 37;
        int columns = 512;
        var random = new SplittableRandom(2);
        Rig.Memory weights = rig.bytes(Rig.weights(format, rows, columns, random));
        Rig.Memory x = rig.floats(Rig.random(5 * columns, random));
        float[][] results = new float[3][];
        for (int i = 0; i < 3; i++) {
            Rig.Memory out = rig.room(5 * rows);
            rig.kernel("matvec", format.type().id(), i == 0 ? 4 : rowsAGroup, i == 1 ? 1 : 8)
                    .with(out, weights, x)
                    .words(rows, columns, 5, 0)
                    .run(i == 2 ? 3 : 37); // groups that are missing are made up for, others have
            // nothing to do
            results[i] = rig.floats(out);
        }
        assertThat(results[1]).isEqualTo(results[0]);
        assertThat(results[2]).isEqualTo(results[0]);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void expertsAreThoseTheIdsName(Format format) {
        int experts = 5;
        int rows = 37;
        int columns = Math.max(96, 2 * format.blockLength());
        int tokens = 3;
        int used = 2;
        var random = new SplittableRandom(12);
        MemorySegment data = Rig.weights(format, experts * rows, columns, random);
        float[] w = Rig.decode(format, data, experts * rows * columns);
        int[] ids = {4, 0, 2, 3, 3, 1};
        Rig.Memory weights = rig.bytes(data);
        for (int perToken = 0; perToken < 2; perToken++) {
            float[] x = Rig.random((perToken == 0 ? tokens : tokens * used) * columns, random);
            Rig.Memory out = rig.room(tokens * used * rows);
            rig.kernel("matvecExperts", format, 4, 1)
                    .with(out, weights, rig.floats(x), rig.ints(ids))
                    .words(rows, columns, used, perToken)
                    .codebooks(format)
                    .run((rows + 3) / 4, tokens * used);
            float[] actual = rig.floats(out);
            for (int i = 0; i < actual.length; i++) {
                int j = i / rows;
                int wAt = (ids[j] * rows + i % rows) * columns;
                int xAt = (perToken == 0 ? j / used : j) * columns;
                assertThat((double) actual[i])
                        .as("%s output %d row %d", format.type(), j, i % rows)
                        .isCloseTo(
                                Rig.dot(w, wAt, x, xAt, columns),
                                within(Rig.dotBound(w, wAt, x, xAt, columns)));
            }
        }
    }

    /// Each column of the matrix comes back exactly, in both products.
    @ParameterizedTest
    @MethodSource("formats")
    void oneHotInputsGiveTheColumns(Format format) {
        int columns = Math.max(48, 2 * format.blockLength());
        int rows = 5;
        var random = new SplittableRandom(3);
        MemorySegment data = Rig.weights(format, rows, columns, random);
        float[] w = Rig.decode(format, data, rows * columns);
        float[] x = new float[columns * columns];
        for (int c = 0; c < columns; c++) {
            x[c * columns + c] = 1;
        }
        Rig.Memory weights = rig.bytes(data);
        Rig.Memory inputs = rig.floats(x);
        for (String kernel : List.of("matvec", "matmul")) {
            Rig.Memory out = rig.room(columns * rows);
            rig.kernel(kernel, format.type().id())
                    .with(out, weights, inputs)
                    .words(rows, columns, columns, 0)
                    .run(2, (columns + 63) / 64);
            float[] actual = rig.floats(out);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i])
                        .as("%s %s row %d column %d", kernel, format.type(), i % rows, i / rows)
                        .isCloseTo(w[i % rows * columns + i / rows], within(2e-6f));
            }
        }
    }

    /// NaN and infinity of one row or token stay there, also where a tile ends.
    @Test
    void whatIsNotFiniteReachesItsOwnResultsOnly() {
        int rows = 70;
        int columns = 40;
        int tokens = 67;
        for (String kernel : List.of("matvec", "matmul")) {
            float[] w = Rig.random(rows * columns, new SplittableRandom(4));
            float[] x = Rig.random(tokens * columns, new SplittableRandom(5));
            w[69 * columns + 39] = Float.POSITIVE_INFINITY;
            x[66 * columns] = Float.NaN;
            Rig.Memory out = rig.room(tokens * rows);
            rig.kernel(kernel, new F32().type().id())
                    .with(out, rig.floats(w), rig.floats(x))
                    .words(rows, columns, tokens, 0)
                    .run(18, 2);
            float[] actual = rig.floats(out);
            for (int i = 0; i < actual.length; i++) {
                boolean nan = i / rows == 66;
                boolean infinite = i % rows == 69 && !nan;
                assertThat(Float.isNaN(actual[i])).as("%s %d", kernel, i).isEqualTo(nan);
                assertThat(Float.isInfinite(actual[i])).as("%s %d", kernel, i).isEqualTo(infinite);
            }
        }
    }

    // ---- decoding

    @ParameterizedTest
    @MethodSource("formats")
    void embedDecodesRows(Format format) {
        for (int columns : lengths(format)) {
            MemorySegment table = Rig.weights(format, 6, columns, new SplittableRandom(10));
            int[] ids = {5, 0, 3, 3, 1};
            float[] w = Rig.decode(format, table, 6 * columns);
            float[] actual = embed(format, table, 6, columns, ids);
            for (int i = 0; i < actual.length; i++) {
                assertThat(actual[i])
                        .as("%s×%d, value %d", format.type(), columns, i)
                        .isCloseTo(w[ids[i / columns] * columns + i % columns], within(2e-6f));
            }
        }
    }

    /// Blocks of random bits: all codes, all packed scales, signs, and scales of any size, subnormal halves among them.
    @ParameterizedTest
    @MethodSource("formats")
    void anyBlockIsDecodedAsItsDefinitionSays(Format format) {
        if (format.blockLength() == 1) {
            return; // the next test has them all
        }
        var random = new SplittableRandom(11);
        int columns = 4 * format.blockLength();
        int rows = 64;
        int bytes = format.blockBytes();
        byte[] table = new byte[4 * rows * bytes];
        random.nextBytes(table);
        for (int block = 0; block < 4 * rows; block++) {
            // A half with a zero upper bit of the exponent is finite and at most 2.
            switch (format.type()) {
                case Q6_K -> table[block * bytes + 209] &= (byte) 0xBF;
                case Q4_K, Q5_K -> {
                    table[block * bytes + 1] &=
                            (byte) (block % 3 == 0 ? 0x83 : 0xBF); // subnormal: 0x83
                    table[block * bytes + 3] &= (byte) (block % 2 == 0 ? 0x83 : 0xBF);
                }
                default -> table[block * bytes + 1] &= (byte) (block % 3 == 0 ? 0x83 : 0xBF);
            }
        }
        MemorySegment data = MemorySegment.ofArray(table);
        float[] w = Rig.decode(format, data, rows * columns);
        int[] ids = new int[rows];
        Arrays.setAll(ids, i -> rows - 1 - i);
        float[] actual = embed(format, data, rows, columns, ids);
        for (int i = 0; i < actual.length; i++) {
            int at = ids[i / columns] * columns + i % columns;
            assertThat(actual[i])
                    .as("%s row %d column %d", format.type(), at / columns, at % columns)
                    .isCloseTo(w[at], within(fused(format, data, at)));
        }
    }

    /// Where a minimum is taken away, a fused operation rounds once less: an ulp of the larger part that a weight can have.
    private static float fused(Format format, MemorySegment data, int weight) {
        return switch (format.type()) {
            case Q4_K, Q5_K -> {
                long block = weight / 256L * format.blockBytes();
                float scaled = Math.abs(half(data, block)) * 63 * 31;
                float minimum = Math.abs(half(data, block + 2)) * 63;
                yield Math.max(scaled, minimum) * Math.ulp(1f);
            }
            default -> 0;
        };
    }

    private static float half(MemorySegment data, long at) {
        return Float.float16ToFloat(data.get(ValueLayout.JAVA_SHORT_UNALIGNED, at));
    }

    @Test
    void everyHalfIsDecodedExactly() {
        short[] halves = new short[65536];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) i;
        }
        MemorySegment data = MemorySegment.ofArray(halves);
        float[] f16 = embed(new dev.jinrai.format.F16(), data, 256, 256, all(256));
        float[] odd = embed(new dev.jinrai.format.F16(), data, 9362, 7, all(9362));
        float[] bf16 = embed(new dev.jinrai.format.BF16(), data, 256, 256, all(256));
        for (int i = 0; i < 65536; i++) {
            float expected = Float.float16ToFloat((short) i);
            same(f16[i], expected, i);
            if (i < odd.length) {
                same(odd[i], expected, i);
            }
            float brain = Float.intBitsToFloat(i << 16);
            if (Math.abs(brain) >= Float.MIN_NORMAL || brain == 0 || Float.isNaN(brain)) {
                same(bf16[i], brain, i); // a GPU may flush the others to zero
            }
        }
    }

    private static void same(float actual, float expected, int half) {
        assertThat(Float.floatToIntBits(actual))
                .as("%x is %s", half, expected)
                .isEqualTo(Float.floatToIntBits(expected));
    }

    private static int[] all(int count) {
        int[] ids = new int[count];
        Arrays.setAll(ids, i -> i);
        return ids;
    }

    private float[] embed(Format format, MemorySegment table, int rows, int columns, int[] ids) {
        Rig.Memory out = rig.room(ids.length * columns);
        rig.kernel("embed", format.type().id())
                .with(out, rig.bytes(table), rig.ints(ids))
                .words(columns, rows)
                .run(ids.length);
        return rig.floats(out);
    }
}
