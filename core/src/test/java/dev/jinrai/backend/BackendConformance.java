package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import dev.jinrai.format.GgmlType;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.Q6_K;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What every backend has to satisfy: each verb against the specification, over awkward sizes, and
/// against numbers worked out elsewhere. One subclass per backend.
///
/// Bounds: a sum of `n` f32 products may be off by what rounding errors of random sign add up to,
/// `2 · √n · ε · ‖w⊙x‖₂`; a rounding or two of one value by a few ulp of it. `ε` is the ulp of 1, so rounding a value costs up
/// to `ε / 2` of it. Bounds have to hold for a GPU too, whose division may be 2.5 ulp off (GLSL 4.60, section 4.7.1). A backend
/// that rounds tokens before it multiplies says to what step ([#tokenStep]).
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // so that a backend says which formats and shapes
public abstract class BackendConformance {
    private static final double EPSILON = Math.ulp(1f);

    /// Part of `silu(x) = x / (1 + e⁻ˣ)`: `2ε` of the exponential, `2.5ε` of the division, `ε / 2` each of the addition and of
    /// what the specification stores: `5.5ε`.
    private static final double SILU = 6 * EPSILON;

    /// Part of `silu(gate) · up`: one rounding of the product more on either side.
    private static final double GATE = SILU + EPSILON;

    /// What decoding may be off: weights of [RandomTensors] are below 12, so where a format has a minimum, that is below 12
    /// and the scaled code below 24, whose rounding costs up to half an ulp of it, `8ε`. It is rounded twice, or once by a decoder
    /// that fuses multiplication and addition, here and in the definition.
    private static final double DECODED = 16 * EPSILON;

    /// What turning a pair of values up to 1 may be off: the cosine and the sine by an ulp, which is `ε / 2` below 1, the two
    /// products by `ε / 4`, their sum, up to 1.41, by `ε / 2`, and the specification's by as much.
    private static final double TURNED = 2.5 * EPSILON;

    /// The part by which a norm of `n` values may be off: each of `n` additions of squares rounds what there is of the sum, by
    /// random signs `√n · ε` of it, and the root halves that; root, division and two products are up to `6ε`.
    private static double normBound(int n) {
        return (Math.sqrt(n) / 2 + 6) * EPSILON;
    }

    /// The part by which values divided by the sum of `n` positive ones may be off: that of the sum, as above, `2.5ε` of the
    /// division and `ε / 2` of what the specification stores.
    private static double shareBound(int n) {
        return (Math.sqrt(n) + 3) * EPSILON;
    }

    /// The part by which a softmax of values within 9 of zero may be off: their distance from the largest is up to 18, so
    /// rounding it moves the exponent by up to `8ε`, the exponential is off by `2ε`; and that of the division.
    private static double softmaxBound(int n) {
        return 10 * EPSILON + shareBound(n);
    }

    /// For verbs that want to know where a token stands.
    private static final KvLayout LAYOUT =
            new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);

    private final Backend specification = new ScalarBackend();
    private Backend backend;

    protected BackendConformance() {}

    /// {@return the backend under test}
    protected abstract Backend open();

    @BeforeEach
    void openBackend() {
        backend = open();
    }

    @AfterEach
    void closeBackend() {
        backend.close();
    }

    // ---- matmul

    /// Formats that have no kernels of their own: rows are decoded by the definition, then multiplied by what is the same for all. Of
    /// these a few shapes are enough.
    static final Set<GgmlType> DECODED_FIRST =
            EnumSet.of(
                    GgmlType.Q8_K,
                    GgmlType.IQ1_S,
                    GgmlType.IQ1_M,
                    GgmlType.IQ2_XXS,
                    GgmlType.IQ2_XS,
                    GgmlType.IQ2_S,
                    GgmlType.IQ3_XXS,
                    GgmlType.IQ3_S,
                    GgmlType.TQ1_0,
                    GgmlType.TQ2_0,
                    GgmlType.NVFP4,
                    GgmlType.Q1_0,
                    GgmlType.Q2_0);

    /// One format of each kind of kernel that the backends have, with every shape; others share most of these kernels.
    private static final Set<GgmlType> ALL_SHAPES =
            EnumSet.of(GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_0, GgmlType.Q6_K);

    record Shape(Format format, int rows, int columns, int tokens) {}

    Stream<Shape> shapes() {
        return Formats.ALL.stream()
                .flatMap(f ->
                        decodedFirst(f)
                                ? fewShapes(f)
                                : ALL_SHAPES.contains(f.type()) ? allShapes(f) : shapes(f));
    }

    private static Stream<Shape> allShapes(Format format) {
        List<Integer> lengths = lengths(format);
        return Stream.concat(
                shapes(format, List.of(7), lengths, List.of(1, 2, 3, 4, 5, 7, 16, 33)),
                shapes(
                        format,
                        List.of(1, 8, 63, 64, 65, 130),
                        List.of(lengths.getLast()),
                        List.of(1, 6, 13)));
    }

    private static Stream<Shape> shapes(Format format) {
        List<Integer> lengths = lengths(format);
        List<Integer> ends = List.of(lengths.getFirst(), lengths.getLast());
        return Stream.concat(
                shapes(format, List.of(7), ends, List.of(1, 2, 7, 33)),
                shapes(format, List.of(1, 64, 130), List.of(lengths.getLast()), List.of(1, 13)));
    }

    private static List<Integer> lengths(Format format) {
        int block = format.blockLength();
        return block == 1
                ? List.of(1, 3, 4, 13, 64, 207, 1000)
                : block < 256
                        ? List.of(block, 3 * block, 9 * block, 2048 + 288)
                        : List.of(block, 3 * block, 9 * block);
    }

    private static Stream<Shape> shapes(
            Format format, List<Integer> rows, List<Integer> columns, List<Integer> tokens) {
        return rows.stream()
                .flatMap(r ->
                        columns.stream()
                                .flatMap(
                                        n -> tokens.stream().map(t -> new Shape(format, r, n, t))));
    }

    /// {@return whether this backend decodes a format by its definition and then multiplies as it does with many others}
    protected boolean decodedFirst(Format format) {
        return DECODED_FIRST.contains(format.type());
    }

    private static Stream<Shape> fewShapes(Format format) {
        int columns = 3 * format.blockLength();
        Stream<Shape> one =
                Stream.of(new Shape(format, 7, columns, 1), new Shape(format, 65, columns, 16));
        Stream<Shape> some =
                Stream.of(
                        new Shape(format, 7, format.blockLength(), 1),
                        new Shape(format, 1, columns, 3),
                        new Shape(format, 65, columns, 5));
        return format instanceof IQ3_S ? Stream.concat(one, some) : one;
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void matmulIsTheSpecifications(Shape shape) {
        long seed = shape.hashCode();
        var random = new SplittableRandom(seed);
        Tensor tensor = RandomTensors.of(shape.format(), 1, shape.rows(), shape.columns(), random);
        float[] x = RandomTensors.values(shape.tokens() * shape.columns(), random);
        float[] expected = matmul(specification, tensor, x, shape.tokens());
        float[] actual = matmul(backend, tensor, x, shape.tokens());
        float[] w = RandomTensors.decode(tensor);
        for (int i = 0; i < expected.length; i++) {
            int t = i / shape.rows();
            int r = i % shape.rows();
            assertThat((double) actual[i])
                    .as("%s seed %d token %d row %d", shape, seed, t, r)
                    .isCloseTo(
                            expected[i],
                            within(
                                    dotBound(
                                            shape.format(),
                                            w,
                                            r * shape.columns(),
                                            x,
                                            t * shape.columns(),
                                            shape.columns())));
        }
    }

    /// Tokens that lose nothing when they are rounded to eight bits: multiples of a power of two for each sub-block, of which the
    /// largest of each 16 is 127, and whose magnitudes add up to less than 1024.
    @ParameterizedTest
    @MethodSource("shapes")
    void matmulOfTokensOfEightBitsIsTheSpecifications(Shape shape) {
        var random = new SplittableRandom(shape.hashCode());
        Tensor tensor = RandomTensors.of(shape.format(), 1, shape.rows(), shape.columns(), random);
        float[] x = new float[shape.tokens() * shape.columns()];
        float step = 0;
        for (int i = 0; i < x.length; i++) {
            if (i % (shape.format() instanceof Q6_K ? 16 : 32) == 0) {
                step = Math.scalb(1f, random.nextInt(-12, 5));
            }
            x[i] = step * (i % 16 == 5 ? 127 : random.nextInt(-59, 60));
        }
        float[] expected = matmul(specification, tensor, x, shape.tokens());
        float[] actual = matmul(backend, tensor, x, shape.tokens());
        float[] w = RandomTensors.decode(tensor);
        for (int i = 0; i < expected.length; i++) {
            int from = i / shape.rows() * shape.columns();
            double bound =
                    dotBound(w, i % shape.rows() * shape.columns(), x, from, shape.columns());
            assertThat((double) actual[i])
                    .as("%s token %d row %d", shape, i / shape.rows(), i % shape.rows())
                    .isCloseTo(expected[i], within(bound));
        }
    }

    /// Values of one size and sign with codes of one size: the largest sums that there are. A backend that adds them up in few bits
    /// must not wrap.
    @ParameterizedTest
    @MethodSource("encodable")
    void theLargestSumsAreTheSpecifications(EncodableFormat format) {
        int columns = 2 * Math.max(32, format.blockLength());
        float[][] weights = new float[4][columns];
        Arrays.fill(weights[0], 1);
        Arrays.fill(weights[1], -1);
        for (int i = 0; i < columns; i++) {
            weights[2][i] = i % 32 == 0 ? 1 : -1; // most codes at one end, the scale from the other
            weights[3][i] = i % 32 == 0 ? -1 : 1;
        }
        long bytes = format.byteSize(columns);
        MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(4 * bytes)]);
        for (int r = 0; r < 4; r++) {
            format.encode(weights[r], 0, data, r * bytes, columns);
        }
        var tensor = new Tensor("ends", format, 1, 4, columns, data);
        float[] w = RandomTensors.decode(tensor);
        for (int tokens : new int[] {1, 7}) {
            for (float[] value :
                    new float[][] {{1, 1}, {-1, -1}, {1, 63.5f / 127}, {1, 100.5f / 127}}) {
                float[] x = new float[tokens * columns];
                for (int i = 0; i < x.length; i++) {
                    x[i] = value[i % 32 == 3 ? 0 : 1];
                }
                float[] expected = matmul(specification, tensor, x, tokens);
                float[] actual = matmul(backend, tensor, x, tokens);
                for (int i = 0; i < expected.length; i++) {
                    // Rounded alike, values are off in one direction: half a step each.
                    double sum = 0;
                    for (int c = 0; c < columns; c++) {
                        sum += Math.abs(w[i % 4 * columns + c]);
                    }
                    double bound = 1e-5 * sum + tokenStep(format) / 2 * sum;
                    assertThat((double) actual[i])
                            .as(
                                    "%s, tokens of %s and %s, row %d",
                                    format.type(), value[0], value[1], i % 4)
                            .isCloseTo(expected[i], within(bound));
                }
            }
        }
    }

    /// A value that is not finite is not lost on the way, and reaches no other token.
    @ParameterizedTest
    @MethodSource("formatsWithKernels")
    void whatIsNotFiniteStaysSo(Format format) {
        int columns = Math.max(96, 2 * format.blockLength());
        var random = new SplittableRandom(18);
        Tensor tensor = RandomTensors.of(format, 1, 5, columns, random);
        for (int tokens : new int[] {1, 7}) {
            float[] x = RandomTensors.values(tokens * columns, random);
            float[] finite = matmul(backend, tensor, x, tokens);
            for (float value :
                    new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                for (int at : new int[] {0, columns / 2, columns - 1}) {
                    float[] y = x.clone();
                    y[(tokens - 1) * columns + at] = value;
                    float[] actual = matmul(backend, tensor, y, tokens);
                    for (int i = 0; i < actual.length; i++) {
                        if (i / 5 < tokens - 1) {
                            assertThat(actual[i]).isEqualTo(finite[i]);
                        } else {
                            assertThat(Float.isFinite(actual[i]))
                                    .as(
                                            "%s, %s at %d, row %d: %s",
                                            format.type(), value, at, i % 5, actual[i])
                                    .isFalse();
                        }
                    }
                }
            }
        }
    }

    /// Column `c` of the matrix comes back exactly: nothing is transposed, permuted or mixed up.
    @ParameterizedTest
    @MethodSource("formatsWithKernels")
    void oneHotInputGivesAColumnOfTheMatrix(Format format) {
        var random = new SplittableRandom(3);
        int columns = Math.max(48, 2 * format.blockLength());
        int rows = 5;
        Tensor tensor = RandomTensors.of(format, 1, rows, columns, random);
        float[] w = RandomTensors.decode(tensor);
        for (int c = 0; c < columns; c++) {
            float[] x = new float[columns];
            x[c] = 1;
            float[] y = matmul(backend, tensor, x, 1);
            for (int r = 0; r < rows; r++) {
                assertThat(y[r])
                        .as("%s row %d column %d", format.type(), r, c)
                        .isCloseTo(w[r * columns + c], within((float) DECODED));
            }
        }
    }

    static Stream<Format> formats() {
        return Formats.ALL.stream();
    }

    Stream<EncodableFormat> encodable() {
        return Formats.ENCODABLE.stream().filter(f -> !decodedFirst(f));
    }

    /// One of those without kernels stands for all.
    Stream<Format> formatsWithKernels() {
        return formats().filter(f -> !decodedFirst(f) || f instanceof IQ3_S);
    }

    @Test
    void matmulWritesItsRowsAndNothingElse() {
        var random = new SplittableRandom(4);
        Tensor tensor = RandomTensors.of(new F32(), 1, 3, 20, random);
        Buffer out = backend.allocate(4, 3);
        float[] guard = new float[12];
        Arrays.fill(guard, 42);
        backend.write(out, guard);
        Buffer x = buffer(backend, RandomTensors.values(40, random), 2, 20);
        backend.matmul(out.first(2), backend.upload(tensor), x);
        assertThat(Arrays.copyOfRange(read(backend, out), 6, 12)).containsOnly(42);
    }

    /// Enough rows for every thread to take several parts, and rounds for the JIT to replace the code.
    @ParameterizedTest
    @MethodSource("formatsWithKernels")
    void matmulOfManyRowsIsTheSpecificationsAndKeepsItsBitsThroughWarmUp(Format format) {
        int rows = 500;
        int columns = 512;
        var random = new SplittableRandom(5);
        Tensor tensor = RandomTensors.of(format, 1, rows, columns, random);
        float[] w = RandomTensors.decode(tensor);
        for (int tokens : new int[] {1, 9}) {
            float[] x = RandomTensors.values(tokens * columns, random);
            float[] expected = matmul(specification, tensor, x, tokens);
            float[] first = matmul(backend, tensor, x, tokens);
            for (int i = 0; i < expected.length; i++) {
                double bound =
                        dotBound(format, w, i % rows * columns, x, i / rows * columns, columns);
                assertThat((double) first[i])
                        .as("%s token %d row %d", format.type(), i / rows, i % rows)
                        .isCloseTo(expected[i], within(bound));
            }
            for (int i = 0; i < warmUpRounds(); i++) {
                assertThat(matmul(backend, tensor, x, tokens)).isEqualTo(first);
            }
        }
    }

    /// {@return how often an operation is repeated to see that its bits stay; nothing warms up in the
    /// specification's plain loops that could change them}
    protected int warmUpRounds() {
        return 60;
    }

    /// As the router of a mixture with one expert is. First of all, so that a backend has not multiplied before.
    @ParameterizedTest
    @MethodSource("formatsWithKernels")
    void aMatrixOfOneRowIsMultipliedInAPass(Format format) {
        int columns = 512;
        var random = new SplittableRandom(14);
        Tensor tensor = RandomTensors.of(format, 1, 1, columns, random);
        float[] w = RandomTensors.decode(tensor);
        float[] x = RandomTensors.values(2 * columns, random);
        float[] expected = matmul(specification, tensor, x, 2);
        Weight weight = backend.upload(tensor);
        try (KvCache cache = backend.allocate(LAYOUT)) {
            Buffer out = backend.allocate(2, 1);
            Buffer tokens = buffer(backend, x, 2, columns);
            var batch = Batch.of(cache, new int[2], Batch.Logits.NONE);
            backend.pass(batch, () -> backend.matmul(out, weight, tokens));
            float[] actual = read(backend, out);
            for (int t = 0; t < 2; t++) {
                double bound = dotBound(format, w, 0, x, t * columns, columns);
                assertThat((double) actual[t])
                        .as("%s token %d", format.type(), t)
                        .isCloseTo(expected[t], within(bound));
            }
        }
    }

    // ---- norms, activations, element-wise

    @ParameterizedTest
    @MethodSource("lengths")
    void elementwiseVerbsAreTheSpecifications(int columns) {
        var random = new SplittableRandom(columns);
        int rows = 3;
        float[] a = RandomTensors.values(rows * columns, random);
        float[] b = RandomTensors.values(rows * columns, random);
        Tensor weight = RandomTensors.of(new F32(), 1, 1, columns, random);
        same("add", a, rows, 0, (be, x) -> be.add(x, buffer(be, b, rows, columns)));
        same("multiply", a, rows, 0, (be, x) -> be.multiply(x, buffer(be, b, rows, columns)));
        same("silu", scaled(a, 20), rows, SILU, (be, x) -> be.activate(x, Activation.SILU));
        same(
                "gate",
                scaled(a, 20),
                rows,
                GATE,
                (be, x) -> be.gate(x, Activation.SILU, buffer(be, b, rows, columns)));
        same("softmax", scaled(a, 9), rows, softmaxBound(columns), Backend::softmax);
        same("normalize", positive(a), rows, shareBound(columns), Backend::normalize);
        same(
                "rmsNorm",
                a,
                rows,
                normBound(columns),
                (be, x) -> be.rmsNorm(x, x, be.upload(weight), 1e-5f));
        same(
                "addRmsNorm",
                a,
                rows,
                normBound(columns),
                (be, x) -> {
                    Buffer sum = buffer(be, a, rows, columns);
                    be.addRmsNorm(x, sum, buffer(be, b, rows, columns), be.upload(weight), 1e-5f);
                });
        same(
                "the sum of addRmsNorm",
                a,
                rows,
                0,
                (be, x) -> {
                    Buffer out = be.allocate(rows, columns);
                    be.addRmsNorm(out, x, buffer(be, b, rows, columns), be.upload(weight), 1e-5f);
                });
    }

    static IntStream lengths() {
        return IntStream.of(1, 4, 13, 64, 207, 4098);
    }

    /// Squares from 1.8e19 on are beyond f32, and a norm of them in f32 is zeros.
    @ParameterizedTest
    @MethodSource("lengths")
    void normsOfLargeValuesAreTheSpecifications(int columns) {
        float[] x = new float[4 * columns];
        Arrays.fill(x, 1);
        x[0] = 2e19f;
        Arrays.fill(x, columns, 2 * columns, 1e19f); // each square is a number, their sum is not
        Arrays.fill(x, 2 * columns, 3 * columns, -3e38f);
        x[4 * columns - 1] = Float.MAX_VALUE;
        Tensor weight = RandomTensors.of(new F32(), 1, 1, columns, new SplittableRandom(columns));
        float[][] results = new float[2][];
        for (int i = 0; i < 2; i++) {
            Backend be = i == 0 ? specification : backend;
            Buffer norm = buffer(be, x, 4, columns);
            be.rmsNorm(norm, norm, be.upload(weight), 1e-5f);
            Buffer sum = buffer(be, x, 4, columns);
            Buffer out = be.allocate(4, columns);
            be.addRmsNorm(out, sum, be.allocate(4, columns), be.upload(weight), 1e-5f);
            results[i] = join(read(be, norm), read(be, out));
        }
        for (int i = 0; i < results[0].length; i++) {
            float expected = results[0][i];
            assertThat((double) results[1][i])
                    .as("value %d of %d columns", i, columns)
                    .isCloseTo(expected, within(normBound(columns) * Math.abs(expected) + 1e-30));
        }
    }

    @Test
    void siluOfExtremesStaysFinite() {
        float[] x = {-1000, -100, -88, -87.4f, -1e-30f, 0, 1e-30f, 87.4f, 100, 1000};
        Buffer buffer = buffer(backend, x, 1, x.length);
        backend.activate(buffer, Activation.SILU);
        float[] y = read(backend, buffer);
        for (int i = 0; i < x.length; i++) {
            double exact = x[i] / (1 + Math.exp(-(double) x[i]));
            assertThat((double) y[i])
                    .as("silu(%s)", x[i])
                    .isCloseTo(exact, within(2 * EPSILON * Math.abs(exact) + 1e-35));
        }
    }

    @Test
    void nanIsNeverHidden() {
        for (int at = 0; at < 40; at++) {
            float[] x = new float[40];
            Arrays.fill(x, 1);
            x[at] = Float.NaN;
            for (Op op :
                    List.<Op>of(
                            (be, b) -> be.activate(b, Activation.SILU),
                            (be, b) -> be.softmax(b),
                            (be, b) -> be.add(b, buffer(be, x, 1, 40)),
                            (be, b) -> be.rmsNorm(b, b, be.upload(ones(40)), 1e-5f),
                            (be, b) -> be.matmul(b, be.upload(square(40)), buffer(be, x, 1, 40)))) {
                Buffer buffer = buffer(backend, x, 1, 40);
                op.run(backend, buffer);
                assertThat(read(backend, buffer)[at]).isNaN();
            }
        }
    }

    /// The values of the documents: requirements.md, section 6.
    @Test
    void swigluAndRopeGiveThePublishedValues() {
        Buffer gate = buffer(backend, new float[] {-0.04368246f}, 1, 1);
        backend.gate(gate, Activation.SILU, buffer(backend, new float[] {-0.00672365f}, 1, 1));
        assertThat(read(backend, gate)[0]).isCloseTo(0.00014365f, within(1e-8f));

        float[] head = new float[64];
        head[0] = 0.009036371f;
        head[1] = -0.193953320f;
        var rope = rope(Rope.Pairing.INTERLEAVED, 32);
        try (KvCache cache = backend.allocate(LAYOUT)) {
            Buffer x = buffer(backend, join(new float[64], head), 2, 64);
            backend.rope(x, 64, rope, Batch.of(cache, new int[2], Batch.Logits.NONE));
            float[] turned = read(backend, x);
            assertThat(turned[64]).isCloseTo(0.168088451f, within(1e-7f));
            assertThat(turned[65]).isCloseTo(-0.097189575f, within(1e-7f));
        }
    }

    // ---- rope

    @ParameterizedTest
    @MethodSource("pairings")
    void ropeIsTheSpecificationsAtAnyPosition(Rope.Pairing pairing) {
        int headLength = 24;
        var rope = rope(pairing, 8); // the last 8 values of a head stay as they are
        var random = new SplittableRandom(6);
        int tokens = 5;
        float[] x = RandomTensors.values(tokens * 3 * headLength, random);
        for (int start : new int[] {0, 1, 1000, 100_000}) {
            float[][] results = new float[2][];
            for (int i = 0; i < 2; i++) {
                Backend be = i == 0 ? specification : backend;
                try (KvCache cache = be.allocate(LAYOUT)) {
                    cache.advance(start);
                    Buffer buffer = buffer(be, x, tokens, 3 * headLength);
                    be.rope(
                            buffer,
                            headLength,
                            rope,
                            Batch.of(cache, new int[tokens], Batch.Logits.NONE));
                    results[i] = read(be, buffer);
                }
            }
            for (int i = 0; i < x.length; i++) {
                assertThat(results[1][i])
                        .as("%s from position %d, value %d", pairing, start, i)
                        .isCloseTo(results[0][i], within((float) TURNED));
            }
        }
    }

    static Stream<Rope.Pairing> pairings() {
        return Stream.of(Rope.Pairing.values());
    }

    // ---- embedding, selection, experts

    @ParameterizedTest
    @MethodSource("formats")
    void embeddingRowsAreDecodedRows(Format format) {
        int columns = Math.max(64, format.blockLength());
        Tensor table = RandomTensors.of(format, 1, 6, columns, new SplittableRandom(10));
        float[] w = RandomTensors.decode(table);
        int[] ids = {5, 0, 3, 3};
        try (KvCache cache = backend.allocate(LAYOUT)) {
            Buffer out = backend.allocate(4, columns);
            backend.embed(out, backend.upload(table), Batch.of(cache, ids, Batch.Logits.NONE));
            float[] rows = read(backend, out);
            for (int i = 0; i < rows.length; i++) {
                assertThat(rows[i])
                        .isCloseTo(
                                w[ids[i / columns] * columns + i % columns],
                                within((float) DECODED));
            }
        }
    }

    @Test
    void selectTakesTheRowsThatWantLogits() {
        try (KvCache cache = backend.allocate(LAYOUT)) {
            Buffer x = buffer(backend, new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
            Buffer last = backend.allocate(1, 2);
            backend.select(last, x, Batch.of(cache, new int[3], Batch.Logits.LAST));
            assertThat(read(backend, last)).containsExactly(5, 6);
            Buffer all = backend.allocate(3, 2);
            backend.select(all, x, Batch.of(cache, new int[3], Batch.Logits.ALL));
            assertThat(read(backend, all)).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    @Test
    void topKTakesTheLargestAndTheLowerNumberOfEquals() {
        Routing routing = backend.allocateRouting(2, 3);
        backend.topK(
                routing, buffer(backend, new float[] {1, 5, 3, 5, 2, -1, -2, -3, -4, -5}, 2, 5));
        int[] ids = new int[6];
        backend.readIds(routing, ids);
        assertThat(ids).containsExactly(1, 3, 2, 0, 1, 2);
        assertThat(read(backend, routing.weights())).containsExactly(5, 5, 3, -1, -2, -3);
    }

    // ---- largest

    /// Rows of values of which many are equal, some are no numbers, some infinite, all equal, all no numbers, or rising.
    private static float[] awkward(int columns, SplittableRandom random) {
        float[] x = RandomTensors.values(7 * columns, random);
        for (int c = 0; c < columns; c++) {
            x[c] = Math.round(x[c] * 2) * (random.nextBoolean() ? 1f : -1f); // −0 too
            x[2 * columns + c] = random.nextInt(columns) < 3 ? Float.NaN : x[2 * columns + c];
            x[3 * columns + c] =
                    switch (random.nextInt(20)) {
                        case 0 -> Float.POSITIVE_INFINITY;
                        case 1 -> Float.NEGATIVE_INFINITY;
                        case 2 -> Float.MIN_VALUE * random.nextInt(-2, 3);
                        default -> x[3 * columns + c];
                    };
            x[4 * columns + c] = random.nextInt(columns) < 2 ? -7 : Float.NEGATIVE_INFINITY;
            x[5 * columns + c] = Float.NaN;
            x[6 * columns + c] = c;
        }
        return x;
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 1",
        "1, 1, 5",
        "3, 3, 2",
        "3, 2, 3",
        "207, 207, 1",
        "207, 200, 64",
        "207, 207, 300",
        "2048, 2048, 1",
        "2048, 2047, 40",
        "2049, 2049, 1",
        "2049, 2049, 64",
        "2050, 2049, 1024",
        "5003, 5003, 1",
        "5003, 4999, 3",
        "5003, 5003, 64",
        "5003, 5003, 1024",
        "4100, 1024, 1024",
        "33000, 32003, 1",
        "33000, 32003, 64",
        "33000, 33000, 128"
    })
    void largestTakesTheLargestAndTheLowerColumnOfEquals(int length, int columns, int kept) {
        float[] x = awkward(length, new SplittableRandom(length + kept));
        int rows = x.length / length;
        Buffer out = backend.allocate(rows, 2 * kept);
        backend.largest(out, buffer(backend, x, rows, length), columns);
        float[] actual = read(backend, out);
        for (int t = 0; t < rows; t++) {
            int at = t * length;
            Integer[] order = IntStream.range(0, columns).boxed().toArray(Integer[]::new);
            Arrays.sort( // stable; Java has what is no number above all, and tells zeros apart
                    order, (a, b) -> Float.compare(0f + x[at + b], 0f + x[at + a]));
            for (int k = 0; k < kept; k++) {
                String where =
                        "place %d of %d, row %d of %d columns".formatted(k, kept, t, columns);
                float column = actual[2 * t * kept + k];
                float value = actual[(2 * t + 1) * kept + k];
                if (k < columns) {
                    assertThat(column).as(where).isEqualTo(order[k].floatValue());
                    assertThat((Float) value).as(where).isEqualTo((Float) x[at + order[k]]);
                } else {
                    assertThat(column).as(where).isEqualTo(-1);
                    assertThat(value).as(where).isEqualTo(Float.NEGATIVE_INFINITY);
                }
            }
        }
    }

    /// In a pass, whose logits can be read beside their largest, and again where a recorded pass is sent again; and one with other
    /// candidates is another pass.
    @Test
    void aPassEndsWithTheLargestOfItsLogits() {
        int rows = 3000;
        var random = new SplittableRandom(15);
        Weight table = backend.upload(RandomTensors.of(new F32(), 1, 9, 32, random));
        Weight weight = backend.upload(RandomTensors.of(new F32(), 1, rows, 32, random));
        Buffer x = backend.allocate(1, 32);
        Buffer logits = backend.allocate(1, rows);
        int[] counts = {1, 3, 70};
        Buffer[] found = {backend.allocate(1, 2), backend.allocate(1, 6), backend.allocate(1, 140)};
        try (KvCache cache = backend.allocate(LAYOUT)) {
            for (int i = 0; i < 12; i++) {
                int kept = counts[i % 3];
                Buffer out = found[i % 3];
                int columns = i < 6 ? rows : rows - 1000;
                Batch batch =
                        Batch.of(cache, new int[] {i % 9}, Batch.Logits.LAST)
                                .wanting(new Batch.Candidates(kept, columns));
                backend.pass(
                        batch,
                        () -> {
                            backend.embed(x, table, batch);
                            backend.matmul(logits, weight, x);
                            backend.largest(out, logits, columns);
                        });
                float[] actual = read(backend, out);
                float[] all = read(backend, logits);
                int[] best =
                        IntStream.range(0, columns)
                                .boxed()
                                .sorted((a, b) -> Float.compare(all[b], all[a]))
                                .mapToInt(c -> c)
                                .limit(kept)
                                .toArray();
                for (int k = 0; k < kept; k++) {
                    assertThat(actual[k]).as("pass %d, place %d", i, k).isEqualTo(best[k]);
                    assertThat(actual[kept + k]).isEqualTo(all[best[k]]);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void expertsAreTheSpecifications(int used) {
        var random = new SplittableRandom(11);
        int experts = 5;
        int tokens = 9;
        Tensor up = RandomTensors.of(new F32(), experts, 7, 40, random);
        Tensor down = RandomTensors.of(new F32(), experts, 40, 7, random);
        float[] x = RandomTensors.values(tokens * 40, random);
        float[] scores = RandomTensors.values(tokens * experts, random);
        Mixture expected = new Mixture(specification, up, down, x, scores, used);
        Mixture actual = new Mixture(backend, up, down, x, scores, used);
        assertThat(actual.ids).isEqualTo(expected.ids);
        float[] upper = RandomTensors.decode(up);
        float[] lower = RandomTensors.decode(down);
        for (int i = 0; i < expected.out.length; i++) {
            int t = i / 40;
            double bound = 1e-30;
            double squares = 0;
            for (int k = t * used; k < (t + 1) * used; k++) {
                int expert = expected.ids[k];
                int row = (expert * 40 + i % 40) * 7;
                double each = dotBound(lower, row, expected.inner, k * 7, 7);
                for (int r = 0;
                        r < 7;
                        r++) { // what the first product is off by goes through the second
                    each +=
                            Math.abs(lower[row + r])
                                    * dotBound(upper, (expert * 7 + r) * 40, x, t * 40, 40);
                }
                double weight = expected.weights[k];
                bound += Math.abs(weight) * each;
                squares += Math.pow(weight * expected.each[k * 40 + i % 40], 2);
            }
            bound += 2 * Math.sqrt(used) * EPSILON * Math.sqrt(squares);
            assertThat((double) actual.out[i])
                    .as("%d experts, value %d of token %d", used, i % 40, t)
                    .isCloseTo(expected.out[i], within(bound));
        }
    }

    /// Two products of a mixture of experts one after the other, and all between.
    private static final class Mixture {
        final int[] ids;
        final float[] weights;
        final float[] inner;
        final float[] each;
        final float[] out;

        Mixture(Backend be, Tensor up, Tensor down, float[] x, float[] scores, int used) {
            int tokens = x.length / up.columns();
            ids = new int[tokens * used];
            Routing routing = be.allocateRouting(tokens, used);
            be.topK(routing, buffer(be, scores, tokens, up.slices()));
            Buffer first = be.allocate(tokens * used, up.rows());
            be.matmulExperts(first, be.upload(up), buffer(be, x, tokens, up.columns()), routing);
            Buffer second = be.allocate(tokens * used, down.rows());
            be.matmulExperts(second, be.upload(down), first, routing);
            Buffer sum = be.allocate(tokens, down.rows());
            be.combine(sum, second, routing);
            be.readIds(routing, ids);
            weights = read(be, routing.weights());
            inner = read(be, first);
            each = read(be, second);
            out = read(be, sum);
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void expertsOfEveryFormatAreTheSpecifications(Format format) {
        var random = new SplittableRandom(12);
        int experts = 4;
        int used = 2;
        int tokens = 9;
        int rows = 70;
        int columns = Math.max(96, 2 * format.blockLength());
        Tensor tensor = RandomTensors.of(format, experts, rows, columns, random);
        float[] w = RandomTensors.decode(tensor);
        float[] x = RandomTensors.values(tokens * columns, random);
        float[] scores = RandomTensors.values(tokens * experts, random);
        float[][] results = new float[2][];
        int[] ids = new int[tokens * used];
        for (int i = 0; i < 2; i++) {
            Backend be = i == 0 ? specification : backend;
            Routing routing = be.allocateRouting(tokens, used);
            be.topK(routing, buffer(be, scores, tokens, experts));
            be.readIds(routing, ids);
            Buffer out = be.allocate(tokens * used, rows);
            be.matmulExperts(out, be.upload(tensor), buffer(be, x, tokens, columns), routing);
            results[i] = read(be, out);
        }
        for (int i = 0; i < results[0].length; i++) {
            int chosen = i / rows;
            int row = (ids[chosen] * rows + i % rows) * columns;
            double bound = dotBound(format, w, row, x, chosen / used * columns, columns);
            assertThat((double) results[1][i])
                    .as("%s token %d row %d", format.type(), chosen / used, i % rows)
                    .isCloseTo(results[0][i], within(bound));
        }
    }

    @ParameterizedTest
    @MethodSource("formatsWithKernels")
    void aMatrixIsStillATableOnceItWasMultipliedWith(Format format) {
        int columns = Math.max(64, format.blockLength());
        Tensor table = RandomTensors.of(format, 1, 6, columns, new SplittableRandom(13));
        float[] w = RandomTensors.decode(table);
        Weight weight = backend.upload(table);
        backend.matmul(
                backend.allocate(1, 6), weight, buffer(backend, new float[columns], 1, columns));
        try (KvCache cache = backend.allocate(LAYOUT)) {
            Buffer out = backend.allocate(1, columns);
            backend.embed(out, weight, Batch.of(cache, new int[] {4}, Batch.Logits.NONE));
            assertThat(read(backend, out))
                    .containsExactly(
                            Arrays.copyOfRange(w, 4 * columns, 5 * columns),
                            within((float) DECODED));
        }
    }

    // ---- helpers

    @FunctionalInterface
    interface Op {
        void run(Backend backend, Buffer x);
    }

    /// Runs `op` on the specification and on the backend, and compares: values may be off by `bound` of their own size.
    private void same(String what, float[] x, int rows, double bound, Op op) {
        Buffer a = buffer(specification, x, rows, x.length / rows);
        Buffer b = buffer(backend, x, rows, x.length / rows);
        op.run(specification, a);
        op.run(backend, b);
        float[] expected = read(specification, a);
        float[] actual = read(backend, b);
        for (int i = 0; i < x.length; i++) {
            assertThat((double) actual[i])
                    .as("%s, value %d of %d×%d", what, i, rows, x.length / rows)
                    .isCloseTo(expected[i], within(bound * Math.abs(expected[i])));
        }
    }

    static Rope rope(Rope.Pairing pairing, int pairs) {
        double[] frequencies = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            frequencies[i] = Math.pow(10000, -(double) i / pairs);
        }
        return new Rope(pairing, frequencies, 1);
    }

    private static float[] matmul(Backend be, Tensor tensor, float[] x, int tokens) {
        Buffer out = be.allocate(tokens, tensor.rows());
        be.matmul(out, be.upload(tensor), buffer(be, x, tokens, tensor.columns()));
        return read(be, out);
    }

    private static double dotBound(float[] w, int wAt, float[] x, int xAt, int n) {
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double product = (double) w[wAt + i] * x[xAt + i];
            squares += product * product;
        }
        return 2 * Math.sqrt(n) * EPSILON * Math.sqrt(squares) + 1e-30;
    }

    /// The same for tokens as the backend takes them. Where it rounds them, each value is off by half a step at most, in either
    /// direction; of such a sum six standard deviations are allowed.
    private double dotBound(Format format, float[] w, int wAt, float[] x, int xAt, int n) {
        double bound = dotBound(w, wAt, x, xAt, n);
        if (tokenStep(format) == 0) {
            return bound;
        }
        double variance = 0;
        for (int i = 0; i < n; i += 32) {
            double largest = 0;
            double weights = 0;
            for (int j = i; j < i + 32; j++) {
                largest = Math.max(largest, Math.abs(x[xAt + j]));
                weights += (double) w[wAt + j] * w[wAt + j];
            }
            double step = tokenStep(format) * largest;
            variance += weights * step * step / 12; // of a value anywhere in a step
        }
        return bound + 6 * Math.sqrt(variance);
    }

    /// {@return to what part of the largest of 32 values a backend rounds them before it multiplies them with weights of this
    /// format; 0 if it takes them as they are}
    protected double tokenStep(Format format) {
        return 0;
    }

    static Buffer buffer(Backend be, float[] values, int rows, int columns) {
        Buffer buffer = be.allocate(rows, columns);
        be.write(buffer, values);
        return buffer;
    }

    static float[] read(Backend be, Buffer buffer) {
        float[] values = new float[buffer.rows() * buffer.columns()];
        be.read(buffer, values, 0);
        return values;
    }

    private static Tensor ones(int length) {
        float[] values = new float[length];
        Arrays.fill(values, 1);
        return f32(1, length, values);
    }

    private static Tensor square(int length) {
        float[] values = new float[length * length];
        Arrays.fill(values, 1);
        return f32(length, length, values);
    }

    private static float[] scaled(float[] x, float by) {
        float[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] *= by;
        }
        return y;
    }

    private static float[] positive(float[] x) {
        float[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.abs(y[i]) + 0.01f;
        }
        return y;
    }

    private static float[] join(float[] a, float[] b) {
        float[] joined = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, joined, a.length, b.length);
        return joined;
    }

    /// {@return an F32 tensor of these values}
    static Tensor f32(int rows, int columns, float... values) {
        MemorySegment data = MemorySegment.ofArray(new byte[4 * values.length]);
        for (int i = 0; i < values.length; i++) {
            data.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i, values[i]);
        }
        return new Tensor("test", new F32(), 1, rows, columns, data);
    }
}
