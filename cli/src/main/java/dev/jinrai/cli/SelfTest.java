package dev.jinrai.cli;

import dev.jinrai.backend.Activation;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.Heads;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Rope;
import dev.jinrai.backend.Routing;
import dev.jinrai.backend.Tensor;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.EncodableFormat;
import dev.jinrai.format.F32;
import dev.jinrai.format.Format;
import dev.jinrai.format.Formats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Every verb of a backend against the specification, in a few seconds: what the conformance tests say of the machines they
/// were run on, said of this one.
final class SelfTest {
    /// Sums of some hundred f32 products in another order.
    private static final double SUMS = 1e-5;

    /// A few roundings of one value; exponentials by another polynomial.
    private static final double VALUES = 4e-6;

    /// Numbers of tokens: one, some, and more than a tile.
    private static final List<Integer> TOKENS = List.of(1, 5, 70);

    private final Backend specification;
    private final Backend backend;
    private final Consumer<Check> report;

    /// @param report is told of each comparison
    SelfTest(Backend specification, Backend backend, Consumer<Check> report) {
        this.specification = specification;
        this.backend = backend;
        this.report = report;
    }

    /// What is computed on both sides: from the same seeds, so with the same numbers.
    @FunctionalInterface
    interface Case {
        float[] run(Backend be, SplittableRandom random);
    }

    void run() {
        for (Format format : Formats.ALL) {
            String of = " " + format.type();
            check("embed" + of, VALUES, (be, r) -> embed(be, format, r));
            check("matmul" + of, SUMS, (be, r) -> matmul(be, format, r));
            check("matmulExperts" + of, SUMS, (be, r) -> experts(be, format, r));
        }
        for (KvType type : KvType.values()) {
            check("attention " + type.label(), SUMS, (be, r) -> attention(be, type, r));
        }
        for (Rope.Pairing pairing : Rope.Pairing.values()) {
            check("rope " + pairing, VALUES, (be, r) -> rope(be, pairing, r));
        }
        check("rmsNorm", VALUES, SelfTest::rmsNorm);
        check("addRmsNorm", VALUES, SelfTest::addRmsNorm);
        check("softmax", VALUES, onRows(Backend::softmax));
        check("normalize", SUMS, onRows((be, x) -> be.normalize(positive(be, x))));
        check("activate", VALUES, onRows((be, x) -> be.activate(x, Activation.SILU)));
        check("gate", VALUES, withTwo((be, x, y) -> be.gate(x, Activation.SILU, y)));
        check("add", VALUES, withTwo(Backend::add));
        check("multiply", VALUES, withTwo(Backend::multiply));
        check("select", 0, SelfTest::select);
        check("topK", 0, SelfTest::topK);
        check("largest", 0, SelfTest::largest);
        check("combine", VALUES, SelfTest::combine);
    }

    private void check(String name, double limit, Case test) {
        float[] expected = test.run(specification, new SplittableRandom(name.hashCode()));
        long start = System.nanoTime();
        try {
            float[] actual = test.run(backend, new SplittableRandom(name.hashCode()));
            long nanos = System.nanoTime() - start;
            report.accept(new Check(name, error(actual, expected), limit, nanos, ""));
        } catch (RuntimeException | AssertionError e) {
            report.accept(failed(name, limit, System.nanoTime() - start, e));
        }
    }

    /// {@return what is known of a comparison that came to nothing}
    static Check failed(String name, double limit, long nanos, Throwable e) {
        String problem = e.getMessage() == null ? e.toString() : e.getMessage();
        return new Check(name, Double.NaN, limit, nanos, problem);
    }

    /// {@return the largest difference, as a part of the largest value expected}
    static double error(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            return Double.NaN;
        }
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs((double) expected[i]));
            error = Math.max(error, Math.abs((double) actual[i] - expected[i])); // keeps a NaN
        }
        return error == 0 ? 0 : error / largest;
    }

    // ---- weights

    private static float[] embed(Backend be, Format format, SplittableRandom random) {
        Weight table = be.upload(weights(format, 1, 7, 256, random));
        try (KvCache cache = be.allocate(layout(KvType.F32))) {
            Buffer out = be.allocate(4, 256);
            be.embed(out, table, Batch.of(cache, new int[] {6, 0, 3, 3}, Batch.Logits.NONE));
            return read(be, out);
        }
    }

    private static float[] matmul(Backend be, Format format, SplittableRandom random) {
        Weight weight = be.upload(weights(format, 1, 131, 512, random));
        return join(
                TOKENS.stream()
                        .map(tokens -> {
                            Buffer out = be.allocate(tokens, 131);
                            be.matmul(out, weight, eightBits(be, tokens, 512, random));
                            return read(be, out);
                        }));
    }

    /// Tokens that a backend may round to eight bits without a loss: integers of which each 16 have one of 127, and small others, times
    /// a power of two. What rounding does to others, the demo model shows.
    private static Buffer eightBits(Backend be, int tokens, int columns, SplittableRandom random) {
        float[] x = new float[tokens * columns];
        float step = 0;
        for (int i = 0; i < x.length; i++) {
            if (i % 32 == 0) {
                step = Math.scalb(1f, random.nextInt(-9, -6));
            }
            x[i] = step * (i % 16 == 7 ? 127 : random.nextInt(-59, 60));
        }
        Buffer buffer = be.allocate(tokens, columns);
        be.write(buffer, x);
        return buffer;
    }

    private static float[] experts(Backend be, Format format, SplittableRandom random) {
        int tokens = 9;
        Weight weight = be.upload(weights(format, 4, 37, 256, random));
        Routing routing = be.allocateRouting(tokens, 2);
        be.topK(routing, values(be, tokens, 4, random));
        Buffer out = be.allocate(tokens * 2, 37);
        be.matmulExperts(out, weight, eightBits(be, tokens, 256, random), routing);
        return read(be, out);
    }

    // ---- time

    private static KvLayout layout(KvType type) {
        return new KvLayout(List.of(new KvLayout.Layer(2, 64, 32)), 600, type);
    }

    /// A prompt, an answer, a long second prompt: over the borders of any blocks.
    private static float[] attention(Backend be, KvType type, SplittableRandom random) {
        var heads = new Heads(6, 2, 64, 32, 0.125f);
        try (KvCache cache = be.allocate(layout(type))) {
            return join(
                    Stream.of(33, 1, 1, 270, 1)
                            .map(count -> {
                                Buffer k = values(be, count, 2 * 64, random);
                                Buffer v = values(be, count, 2 * 32, random);
                                Buffer q = values(be, count, 6 * 64, random);
                                Buffer out = be.allocate(count, 6 * 32);
                                Batch batch = Batch.of(cache, new int[count], Batch.Logits.NONE);
                                be.append(batch, 0, k, v);
                                be.attention(out, q, batch, 0, heads);
                                cache.advance(count);
                                return read(be, out);
                            }));
        }
    }

    private static float[] rope(Backend be, Rope.Pairing pairing, SplittableRandom random) {
        double[] frequencies = new double[24]; // the last 16 of 64 values stay as they are
        Arrays.setAll(frequencies, i -> Math.pow(10000, -i / 24.0));
        var rope = new Rope(pairing, frequencies, 1);
        try (KvCache cache = be.allocate(layout(KvType.F32))) {
            cache.advance(500);
            Buffer x = values(be, 5, 3 * 64, random);
            be.rope(x, 64, rope, Batch.of(cache, new int[5], Batch.Logits.NONE));
            return read(be, x);
        }
    }

    private static float[] select(Backend be, SplittableRandom random) {
        try (KvCache cache = be.allocate(layout(KvType.F32))) {
            Buffer out = be.allocate(1, 100);
            Batch batch = Batch.of(cache, new int[3], Batch.Logits.LAST);
            be.select(out, values(be, 3, 100, random), batch);
            return read(be, out);
        }
    }

    // ---- rows and values

    private static float[] rmsNorm(Backend be, SplittableRandom random) {
        Weight weight = be.upload(weights(new F32(), 1, 1, 300, random));
        Buffer out = be.allocate(3, 300);
        be.rmsNorm(out, values(be, 3, 300, random), weight, 1e-5f);
        return read(be, out);
    }

    private static float[] addRmsNorm(Backend be, SplittableRandom random) {
        Weight weight = be.upload(weights(new F32(), 1, 1, 300, random));
        Buffer out = be.allocate(3, 300);
        Buffer x = values(be, 3, 300, random);
        be.addRmsNorm(out, x, values(be, 3, 300, random), weight, 1e-5f);
        return join(Stream.of(read(be, out), read(be, x)));
    }

    private interface Rows {
        void run(Backend be, Buffer x);
    }

    private static Case onRows(Rows verb) {
        return (be, random) -> {
            Buffer x = values(be, 3, 300, random);
            verb.run(be, x);
            return read(be, x);
        };
    }

    private interface Two {
        void run(Backend be, Buffer x, Buffer y);
    }

    private static Case withTwo(Two verb) {
        return (be, random) -> {
            Buffer x = values(be, 3, 300, random);
            verb.run(be, x, values(be, 3, 300, random));
            return read(be, x);
        };
    }

    private static Buffer positive(Backend be, Buffer x) {
        float[] values = read(be, x);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]) + 0.01f;
        }
        be.write(x, values);
        return x;
    }

    private static float[] topK(Backend be, SplittableRandom random) {
        Routing routing = be.allocateRouting(5, 3);
        be.topK(routing, values(be, 5, 8, random));
        int[] ids = new int[15];
        be.readIds(routing, ids);
        float[] chosen = new float[15];
        for (int i = 0; i < 15; i++) {
            chosen[i] = ids[i];
        }
        return join(Stream.of(chosen, read(be, routing.weights())));
    }

    /// More values than a workgroup takes, and some behind that are not looked at.
    private static float[] largest(Backend be, SplittableRandom random) {
        Buffer best = be.allocate(3, 2);
        Buffer some = be.allocate(3, 2 * 64);
        Buffer x = values(be, 3, 5000, random);
        be.largest(best, x, 4990);
        be.largest(some, x, 4990);
        return join(Stream.of(read(be, best), read(be, some)));
    }

    private static float[] combine(Backend be, SplittableRandom random) {
        Routing routing = be.allocateRouting(5, 3);
        be.topK(routing, values(be, 5, 8, random));
        Buffer out = be.allocate(5, 100);
        be.combine(out, values(be, 15, 100, random), routing);
        return read(be, out);
    }

    // ---- numbers

    /// Rows and stretches of a row differ in size, so that no scale is like another.
    private static Tensor weights(
            Format format, int slices, int rows, int columns, SplittableRandom random) {
        long rowBytes = format.byteSize(columns);
        MemorySegment data = MemorySegment.ofArray(new byte[(int) (rowBytes * rows * slices)]);
        float[] row = new float[columns];
        for (int r = 0; r < rows * slices; r++) {
            for (int c = 0; c < columns; c++) {
                row[c] = (float) random.nextDouble(-1, 1) * (1 + r % 3) * (1 + c / 32 % 4);
            }
            if (format instanceof EncodableFormat encodable) {
                encodable.encode(row, 0, data, r * rowBytes, columns);
            } else {
                blocks(format, data, r * rowBytes, columns, random);
            }
        }
        return new Tensor("self-test", format, slices, rows, columns, data);
    }

    /// Blocks of any bits whose weights are of the size of the others', for formats that nothing encodes.
    private static void blocks(
            Format format, MemorySegment data, long at, int columns, SplittableRandom random) {
        byte[] block = new byte[format.blockBytes()];
        float[] weights = new float[format.blockLength()];
        for (int c = 0; c < columns; c += weights.length) {
            double largest;
            do {
                random.nextBytes(block);
                format.decodeBlock(MemorySegment.ofArray(block), 0, weights, 0);
                largest = 0;
                for (float weight : weights) {
                    largest = Math.max(largest, Math.abs(weight)); // keeps a NaN
                }
            } while (!(largest > 0.1 && largest < 12));
            MemorySegment.copy(
                    block, 0, data, ValueLayout.JAVA_BYTE, at + format.byteSize(c), block.length);
        }
    }

    private static Buffer values(Backend be, int rows, int columns, SplittableRandom random) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        Buffer buffer = be.allocate(rows, columns);
        be.write(buffer, values);
        return buffer;
    }

    private static float[] read(Backend be, Buffer buffer) {
        float[] values = new float[buffer.rows() * buffer.columns()];
        be.read(buffer, values, 0);
        return values;
    }

    private static float[] join(Stream<float[]> parts) {
        return parts.reduce(
                new float[0],
                (a, b) -> {
                    float[] both = Arrays.copyOf(a, a.length + b.length);
                    System.arraycopy(b, 0, both, a.length, b.length);
                    return both;
                });
    }
}
