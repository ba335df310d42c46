package dev.jinrai.gpu;

import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.Home;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.hybrid.HybridBackend;
import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.IQ3_S;
import dev.jinrai.format.Q2_K;
import dev.jinrai.format.Q3_K;
import dev.jinrai.format.Q4_0;
import dev.jinrai.format.Q4_K;
import dev.jinrai.format.Q5_K;
import dev.jinrai.format.Q6_K;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.Nmse;
import dev.jinrai.testing.RandomTensors;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Passes of one token made of few commands give what their verbs give one by one, by their definition: the scalar backend.
class FusionTest {
    private static final int WIDTH = 256;
    private static final int INNER = 512;
    private static final int LAYERS = 2;

    /// No whole number of groups of rows.
    private static final int VOCABULARY = 71;

    /// A value of sixteen bits is off by a part of 8.8e-6 of the largest of its block (a step of 1/32639, divided by √12): 2e-5 to 4e-5 of
    /// the vector's size. Ten such vectors follow each other here, which comes to 1.5e-4 (2.3e-8 squared) where it was measured; a
    /// wrong row, scale or position is off by more than 1e-2 (1e-4).
    private static final double NMSE = 1e-7;

    /// Keys that differ in the last bits may be rounded to another code: 2e-6 where it was measured.
    private static final double NMSE_Q8_0 = 1e-5;

    private static double bound(Shape shape) {
        return shape.type == KvType.Q8_0 ? NMSE_Q8_0 : NMSE;
    }

    /// A small transformer.
    ///
    /// @param formats of queries, keys, values, attention's output, gate, up, down and output
    record Shape(
            String name, List<Format> formats, KvType type, Heads heads, Rope.Pairing pairing) {
        static Shape of(
                String name, Format format, KvType type, Heads heads, Rope.Pairing pairing) {
            return new Shape(
                    name, Stream.generate(() -> format).limit(8).toList(), type, heads, pairing);
        }

        KvLayout layout() {
            var layer = new KvLayout.Layer(heads.kvHeads(), heads.keyLength(), heads.valueLength());
            return new KvLayout(List.of(layer, layer), 700, type);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Heads heads(int heads, int kvHeads, int keyLength, int valueLength) {
        return new Heads(
                heads, kvHeads, keyLength, valueLength, (float) (1 / Math.sqrt(keyLength)));
    }

    static Stream<Shape> shapes() {
        var halves = Rope.Pairing.HALVES;
        var interleaved = Rope.Pairing.INTERLEAVED;
        var q4k = new Q4_K();
        var q5k = new Q5_K();
        var q6k = new Q6_K();
        var q80 = new Q8_0();
        var mixed = List.<Format>of(q4k, q4k, q6k, q4k, q4k, q4k, q6k, q6k);
        var three = List.<Format>of(q5k, q80, q6k, q5k, q4k, q5k, q80, q4k);
        var coded =
                List.<Format>of(
                        new IQ3_S(),
                        new IQ3_S(),
                        q5k,
                        new Q3_K(),
                        new Q3_K(),
                        new Q3_K(),
                        new Q2_K(),
                        q6k);
        var someF32 = List.<Format>of(q80, new F32(), q80, q80, q80, q80, new F32(), new F32());
        return Stream.of(
                Shape.of("Q8_0", q80, KvType.F16, heads(8, 2, 32, 32), interleaved),
                new Shape("mixed", mixed, KvType.F16, heads(4, 1, 64, 64), interleaved),
                Shape.of("Q4_0", new Q4_0(), KvType.F32, heads(4, 4, 64, 64), halves),
                new Shape("three formats", three, KvType.F16, heads(8, 8, 48, 32), halves),
                Shape.of("keys in q8_0", q6k, KvType.Q8_0, heads(8, 2, 32, 32), interleaved),
                Shape.of("many heads a key", q80, KvType.F16, heads(32, 1, 32, 32), halves),
                new Shape("coded", coded, KvType.F16, heads(8, 2, 32, 32), interleaved),
                new Shape("some f32", someF32, KvType.F16, heads(8, 2, 32, 32), interleaved),
                Shape.of("odd heads", q80, KvType.F16, heads(8, 2, 20, 32), interleaved));
    }

    /// The transformer on a backend.
    private static final class Model implements AutoCloseable {
        private final Shape shape;
        private final Backend backend;
        private final Weight embedding;
        private final List<List<Weight>> layers = new ArrayList<>();
        private final Weight norm;
        private final Weight output;
        private final Rope rope;
        private final Buffer x;
        private final Buffer normed;
        private final Buffer y;
        private final Buffer q;
        private final Buffer k;
        private final Buffer v;
        private final Buffer attended;
        private final Buffer gate;
        private final Buffer up;
        private final Buffer wanted;
        private final Buffer last;
        private final Buffer logits;

        Model(Shape shape, Backend backend) {
            this(shape, backend, 1);
        }

        /// @param size by which the embedding is larger
        Model(Shape shape, Backend backend, float size) {
            this.shape = shape;
            this.backend = backend;
            Heads heads = shape.heads;
            var random = new SplittableRandom(7);
            int queries = heads.heads() * heads.keyLength();
            int keys = heads.kvHeads() * heads.keyLength();
            int values = heads.kvHeads() * heads.valueLength();
            int outputs = heads.heads() * heads.valueLength();
            embedding = upload(backend, new F32(), VOCABULARY, WIDTH, size, random);
            for (int i = 0; i < LAYERS; i++) {
                Home home = backend.layer(i);
                layers.add(
                        List.of(
                                upload(home, shape.formats.get(0), queries, WIDTH, random),
                                upload(home, shape.formats.get(1), keys, WIDTH, random),
                                upload(home, shape.formats.get(2), values, WIDTH, random),
                                upload(home, shape.formats.get(3), WIDTH, outputs, random),
                                upload(home, shape.formats.get(4), INNER, WIDTH, random),
                                upload(home, shape.formats.get(5), INNER, WIDTH, random),
                                upload(home, shape.formats.get(6), WIDTH, INNER, random),
                                upload(home, new F32(), 1, WIDTH, random),
                                upload(home, new F32(), 1, WIDTH, random)));
            }
            norm = upload(backend, new F32(), 1, WIDTH, random);
            output = upload(backend, shape.formats.get(7), VOCABULARY, WIDTH, random);
            double[] frequencies = new double[heads.keyLength() / 4]; // not all of a head
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = Math.pow(10_000, -(double) i / frequencies.length);
            }
            rope = new Rope(shape.pairing, frequencies, 1.1f);
            x = backend.allocate(8, WIDTH);
            normed = backend.allocate(8, WIDTH);
            y = backend.allocate(8, WIDTH);
            q = backend.allocate(8, queries);
            k = backend.allocate(8, keys);
            v = backend.allocate(8, values);
            attended = backend.allocate(8, outputs);
            gate = backend.allocate(8, INNER);
            up = backend.allocate(8, INNER);
            wanted = backend.allocate(8, WIDTH);
            last = backend.allocate(8, WIDTH);
            logits = backend.allocate(8, VOCABULARY);
        }

        private static Weight upload(
                Home home, Format format, int rows, int columns, SplittableRandom random) {
            return upload(home, format, rows, columns, 1, random);
        }

        private static Weight upload(
                Home home,
                Format format,
                int rows,
                int columns,
                float size,
                SplittableRandom random) {
            if (format instanceof IQ3_S) {
                return home.upload(blocks(rows, columns, random));
            }
            float[] values = RandomTensors.values(rows * columns, random);
            for (int i = 0; i < values.length; i++) {
                // Vectors keep their size from product to product; a norm's weights are of all
                // sizes.
                values[i] *= size * (rows == 1 ? 1 : (float) Math.sqrt(3.0 / columns));
            }
            var data = MemorySegment.ofArray(new byte[(int) format.byteSize(values.length)]);
            ((EncodableFormat) format).encode(values, 0, data, 0, values.length);
            var tensor = new Tensor("w", format, 1, rows, columns, data);
            return home.upload(tensor);
        }

        /// Of that size too: nothing encodes them.
        private static Tensor blocks(int rows, int columns, SplittableRandom random) {
            Tensor tensor = RandomTensors.of(new IQ3_S(), 1, rows, columns, random);
            for (long at = 0; at < tensor.data().byteSize(); at += new IQ3_S().blockBytes()) {
                float d = Float.float16ToFloat(tensor.data().get(JAVA_SHORT_UNALIGNED, at));
                float smaller = d * (float) Math.sqrt(3.0 / columns);
                tensor.data().set(JAVA_SHORT_UNALIGNED, at, Float.floatToFloat16(smaller));
            }
            return tensor;
        }

        /// {@return the logits of the last token}
        float[] pass(KvCache cache, int... tokens) {
            Batch batch = Batch.of(cache, tokens, Batch.Logits.LAST);
            backend.pass(batch, () -> verbs(batch, false));
            return logits(cache, batch);
        }

        float[] logits(KvCache cache, Batch batch) {
            float[] values = new float[VOCABULARY];
            backend.read(logits.first(1), values, 0);
            cache.advance(batch.size());
            return values;
        }

        /// @param reading whether to read in the middle of it
        void verbs(Batch batch, boolean reading) {
            int n = batch.size();
            backend.embed(x.first(n), embedding, batch);
            for (int i = 0; i < LAYERS; i++) {
                List<Weight> w = layers.get(i);
                attention(batch, i, w, n);
                if (reading) {
                    backend.read(attended.first(n), new float[n * attended.columns()], 0);
                }
                feedForward(w, n);
            }
            backend.select(wanted.first(1), x.first(n), batch);
            backend.rmsNorm(last.first(1), wanted.first(1), norm, 1e-5f);
            backend.matmul(logits.first(1), output, last.first(1));
        }

        private void attention(Batch batch, int layer, List<Weight> w, int n) {
            int length = shape.heads.keyLength();
            backend.rmsNorm(normed.first(n), x.first(n), w.get(7), 1e-5f);
            backend.matmul(q.first(n), w.get(0), normed.first(n));
            backend.matmul(k.first(n), w.get(1), normed.first(n));
            backend.matmul(v.first(n), w.get(2), normed.first(n));
            backend.rope(q.first(n), length, rope, batch);
            backend.rope(k.first(n), length, rope, batch);
            backend.append(batch, layer, k.first(n), v.first(n));
            backend.attention(attended.first(n), q.first(n), batch, layer, shape.heads);
            backend.matmul(y.first(n), w.get(3), attended.first(n));
        }

        private void feedForward(List<Weight> w, int n) {
            backend.addRmsNorm(normed.first(n), x.first(n), y.first(n), w.get(8), 1e-5f);
            backend.matmul(gate.first(n), w.get(4), normed.first(n));
            backend.matmul(up.first(n), w.get(5), normed.first(n));
            backend.gate(gate.first(n), Activation.SILU, up.first(n));
            backend.matmul(y.first(n), w.get(6), gate.first(n));
            backend.add(x.first(n), y.first(n));
        }

        @Override
        public void close() {
            backend.close();
        }
    }

    private static GpuBackend fused() {
        return new GpuBackend("vulkan", new SharedDevice(), true, false);
    }

    /// Token by token over more than one split, a prompt between them, and a cache that is cut back: recorded passes are replayed.
    @ParameterizedTest
    @MethodSource("shapes")
    void aPassOfOneTokenIsItsVerbs(Shape shape) {
        try (Model expected = new Model(shape, new ScalarBackend());
                Model actual = new Model(shape, fused());
                KvCache expectedCache = expected.backend.allocate(shape.layout());
                KvCache actualCache = actual.backend.allocate(shape.layout())) {
            for (int i = 0; i < 36; i++) {
                int[] tokens =
                        i == 3 ? new int[] {4, 9, 23, 1, 70} : new int[] {i * 29 % VOCABULARY};
                if (i == 30) {
                    expectedCache.truncate(5);
                    actualCache.truncate(5);
                }
                Nmse.of(actual.pass(actualCache, tokens), expected.pass(expectedCache, tokens))
                        .isWithin(bound(shape), Double.POSITIVE_INFINITY, shape + ", pass " + i);
            }
        }
    }

    /// The device's verbs of a hybrid's pass end in the middle of the model, and its input comes from the host.
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aLayerOfAHybridIsItsVerbs(int onDevice) {
        Shape shape = shapes().skip(1).findFirst().orElseThrow();
        Backend hybrid =
                new HybridBackend(new ScalarBackend(), fused(), i -> i == onDevice, "one layer");
        try (Model expected = new Model(shape, new ScalarBackend());
                Model actual = new Model(shape, hybrid);
                KvCache expectedCache = expected.backend.allocate(shape.layout());
                KvCache actualCache = actual.backend.allocate(shape.layout())) {
            for (int token = 0; token < 5; token++) {
                Nmse.of(actual.pass(actualCache, token), expected.pass(expectedCache, token))
                        .isWithin(NMSE, Double.POSITIVE_INFINITY, "token " + token);
            }
        }
    }

    @Test
    void aCacheOfAnotherTypeHasRecordingsOfItsOwn() {
        Shape f16 = shapes().findFirst().orElseThrow();
        var f32 = new Shape("f32", f16.formats, KvType.F32, f16.heads, f16.pairing);
        for (boolean dots : new boolean[] {true, false}) {
            try (Model expected = new Model(f16, new ScalarBackend());
                    Model actual =
                            new Model(
                                    f16,
                                    new GpuBackend("vulkan", new SharedDevice(), dots, false))) {
                for (Shape shape : List.of(f16, f32)) {
                    try (KvCache expectedCache = expected.backend.allocate(shape.layout());
                            KvCache actualCache = actual.backend.allocate(shape.layout())) {
                        for (int token : new int[] {1, 5, 3}) {
                            Nmse.of(
                                            actual.pass(actualCache, token),
                                            expected.pass(expectedCache, token))
                                    .isWithin(NMSE, Double.POSITIVE_INFINITY, shape.name);
                        }
                    }
                }
            }
        }
    }

    @Test
    void whoReadsInTheMiddleGetsTheSame() {
        Shape shape = shapes().findFirst().orElseThrow();
        try (Model expected = new Model(shape, new ScalarBackend());
                Model actual = new Model(shape, fused());
                KvCache expectedCache = expected.backend.allocate(shape.layout());
                KvCache actualCache = actual.backend.allocate(shape.layout())) {
            for (int token : new int[] {1, 5, 3}) {
                Batch batch = Batch.of(actualCache, new int[] {token}, Batch.Logits.LAST);
                actual.backend.pass(batch, () -> actual.verbs(batch, token == 5));
                Nmse.of(actual.logits(actualCache, batch), expected.pass(expectedCache, token))
                        .isWithin(NMSE, Double.POSITIVE_INFINITY, "token " + token);
            }
        }
    }

    /// What a pass brought to the host is not what the buffer has for ever.
    @Test
    void whatWasWrittenAfterAPassIsRead() {
        Shape shape = shapes().findFirst().orElseThrow();
        for (boolean dots : new boolean[] {true, false}) {
            try (Model model =
                            new Model(
                                    shape,
                                    new GpuBackend("vulkan", new SharedDevice(), dots, false));
                    KvCache cache = model.backend.allocate(shape.layout())) {
                float[] logits = model.pass(cache, 3);
                float[] again = new float[VOCABULARY];
                model.backend.read(model.logits.first(1), again, 0);
                assertThat(again).isEqualTo(logits);
                float[] other = new float[VOCABULARY];
                other[7] = 3;
                model.backend.write(model.logits.first(1), other);
                model.backend.read(model.logits.first(1), again, 0);
                assertThat(again).isEqualTo(other);
            }
        }
    }

    @Test
    void aLayerIsFiveCommands() {
        Shape shape = shapes().findFirst().orElseThrow();
        var device = new SharedDevice();
        try (Model model = new Model(shape, new GpuBackend("vulkan", device, true, false));
                KvCache cache = model.backend.allocate(shape.layout())) {
            device.dispatches = 0;
            model.pass(cache, 3);
            // The embedding with the first vector, the rotations, the logits.
            assertThat(device.dispatches).isEqualTo(3 + 5 * LAYERS);
        }
    }

    /// Squares beyond f32 make norms of zeros where nobody looks: a fused pass gives the specification's logits or NaN.
    @ParameterizedTest
    @ValueSource(floats = {1e18f, 1e20f, 1e22f})
    void aNormBeyondF32IsRightOrNan(float size) {
        Shape shape = shapes().findFirst().orElseThrow();
        try (Model model = new Model(shape, fused(), size);
                Model scalar = new Model(shape, new ScalarBackend(), size);
                KvCache cache = model.backend.allocate(shape.layout());
                KvCache scalarCache = scalar.backend.allocate(shape.layout())) {
            float[] actual = model.pass(cache, 3);
            float[] expected = scalar.pass(scalarCache, 3);
            if (!Float.isNaN(actual[0])) {
                assertThat(Nmse.of(actual, expected).nmse()).isLessThan(NMSE);
            }
        }
    }

    /// A device that fails in a pass leaves no verbs behind for the next.
    @Test
    void aPassThatFailsLeavesNothingBehind() {
        Shape shape = shapes().findFirst().orElseThrow();
        try (Model model = new Model(shape, fused());
                KvCache cache = model.backend.allocate(shape.layout())) {
            float[] expected = model.pass(cache, 3);
            cache.truncate(0);
            Batch batch = Batch.of(cache, new int[] {5, 6}, Batch.Logits.LAST);
            Batch one = Batch.of(cache, new int[] {5}, Batch.Logits.NONE);
            assertThatThrownBy(() ->
                            model.backend.pass(
                                    one,
                                    () -> {
                                        model.backend.embed(model.x.first(1), model.embedding, one);
                                        throw new IllegalStateException("in the middle");
                                    }))
                    .hasMessage("in the middle");
            model.backend.pass(batch, () -> model.verbs(batch, false));
            model.logits(cache, batch);
            cache.truncate(0);
            assertThat(model.pass(cache, 3)).isEqualTo(expected);
        }
    }
}
