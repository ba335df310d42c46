package dev.jinrai.backend;

import static dev.jinrai.backend.BackendConformance.buffer;
import static dev.jinrai.backend.BackendConformance.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.testing.RandomTensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What attention and the KV cache of every backend have to satisfy: the specification's results over any
/// history, in every type of storage. One subclass per backend.
public abstract class AttentionConformance {
    /// An average of values below 1, with weights that are right to a few ulp. The types lose the same in
    /// both backends, because both are given the same keys and values.
    private static final float BOUND = 2e-6f;

    private static final int CAPACITY = 800;

    private final Backend specification = new ScalarBackend();
    private Backend backend;

    protected AttentionConformance() {}

    /// {@return the backend under test}
    protected abstract Backend open();

    /// {@return whether there is time for every place to split or spoil a prompt; a program that plays a GPU takes 50 µs
    /// for a head of a token}
    protected boolean thorough() {
        return true;
    }

    private int tokens(int thorough, int enough) {
        return thorough() ? thorough : enough;
    }

    @BeforeEach
    void openBackend() {
        backend = open();
    }

    @AfterEach
    void closeBackend() {
        backend.close();
    }

    /// Heads and how their keys and values are stored.
    record Shape(KvType type, Heads heads) {
        /// Two layers, so that a backend that ignored the number would be noticed.
        KvLayout layout() {
            var layer = new KvLayout.Layer(heads.kvHeads(), heads.keyLength(), heads.valueLength());
            return new KvLayout(List.of(layer, layer), CAPACITY, type);
        }

        int queries() {
            return heads.heads() * heads.keyLength();
        }

        int keys() {
            return heads.kvHeads() * heads.keyLength();
        }

        int values() {
            return heads.kvHeads() * heads.valueLength();
        }

        int outputs() {
            return heads.heads() * heads.valueLength();
        }
    }

    static Stream<Shape> shapes() {
        return Arrays.stream(KvType.values())
                .flatMap(type ->
                        Stream.of(
                                        new Heads(2, 2, 20, 12, 0.3f),
                                        new Heads(6, 2, 20, 12, 0.3f),
                                        new Heads(3, 3, 32, 64, 0.5f),
                                        new Heads(4, 2, 80, 80, 0.2f),
                                        new Heads(4, 1, 64, 64, 1),
                                        new Heads(8, 1, 128, 96, 0.1f),
                                        new Heads(16, 2, 64, 32, 0.2f),
                                        new Heads(129, 1, 32, 32, 0.2f))
                                .filter(h ->
                                        type.holds(h.keyLength()) && type.holds(h.valueLength()))
                                .map(heads -> new Shape(type, heads)));
    }

    /// The queries, keys and values of consecutive tokens.
    static final class Tokens {
        private final Shape shape;
        private final int count;
        private final float[] q;
        private final float[] k;
        private final float[] v;

        Tokens(Shape shape, int count, float[] q, float[] k, float[] v) {
            this.shape = shape;
            this.count = count;
            this.q = q;
            this.k = k;
            this.v = v;
        }

        static Tokens random(Shape shape, int count, SplittableRandom random) {
            return new Tokens(
                    shape,
                    count,
                    RandomTensors.values(count * shape.queries(), random),
                    RandomTensors.values(count * shape.keys(), random),
                    RandomTensors.values(count * shape.values(), random));
        }

        Tokens part(int from, int to) {
            return new Tokens(
                    shape,
                    to - from,
                    Arrays.copyOfRange(q, from * shape.queries(), to * shape.queries()),
                    Arrays.copyOfRange(k, from * shape.keys(), to * shape.keys()),
                    Arrays.copyOfRange(v, from * shape.values(), to * shape.values()));
        }

        /// {@return the results, after which the cache remembers the tokens}
        float[] attend(Backend be, KvCache cache) {
            Batch batch = Batch.of(cache, new int[count], Batch.Logits.NONE);
            float[] result = attend(be, batch);
            cache.advance(count);
            return result;
        }

        /// Makes the cache remember the tokens, without results.
        void append(Backend be, KvCache cache) {
            append(be, Batch.of(cache, new int[count], Batch.Logits.NONE));
            cache.advance(count);
        }

        private void append(Backend be, Batch batch) {
            be.append(
                    batch,
                    1,
                    buffer(be, k, count, shape.keys()),
                    buffer(be, v, count, shape.values()));
            be.append(
                    batch, 0, be.allocate(count, shape.keys()), be.allocate(count, shape.values()));
        }

        float[] attend(Backend be, Batch batch) {
            append(be, batch);
            Buffer out = be.allocate(count, shape.outputs());
            be.attention(out, buffer(be, q, count, shape.queries()), batch, 1, shape.heads());
            return read(be, out);
        }
    }

    /// A timeline fed in uneven steps, over the borders of any blocks.
    @ParameterizedTest
    @MethodSource("shapes")
    void attentionIsTheSpecificationsOverAnyHistory(Shape shape) {
        int[] last = thorough() ? new int[] {70, 130, 1, 30} : new int[] {70, 65, 1, 3};
        for (int[] steps : new int[][] {{1}, {5}, {1, 1, 1}, {63, 1, 1, 2}, last}) {
            isTheSpecifications(shape, steps);
        }
    }

    /// So long that a single token's context may be cut into parts.
    @ParameterizedTest
    @EnumSource
    void attentionIsTheSpecificationsOverALongHistory(KvType type) {
        isTheSpecifications(
                new Shape(type, new Heads(4, 2, 32, 32, 0.3f)), 500, 11, 1, 1, 1, 100, 1, 1);
    }

    private void isTheSpecifications(Shape shape, int... steps) {
        var random = new SplittableRandom(Arrays.hashCode(steps));
        try (KvCache expectedCache = specification.allocate(shape.layout());
                KvCache actualCache = backend.allocate(shape.layout())) {
            for (int count : steps) {
                var tokens = Tokens.random(shape, count, random);
                float[] expected = tokens.attend(specification, expectedCache);
                float[] actual = tokens.attend(backend, actualCache);
                isClose(actual, expected, shape + " steps " + Arrays.toString(steps));
            }
        }
    }

    private static void isClose(float[] actual, float[] expected, String what) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            // An assertion for each of millions of values would take minutes.
            if (!(Math.abs(actual[i] - expected[i]) <= BOUND)) {
                assertThat(actual[i])
                        .as("%s, value %d", what, i)
                        .isCloseTo(expected[i], within(BOUND));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void anySplitOfAPromptGivesTheSame(Shape shape) {
        int count = tokens(150, 75);
        var tokens = Tokens.random(shape, count, new SplittableRandom(14));
        float[] whole;
        try (KvCache cache = backend.allocate(shape.layout())) {
            whole = tokens.attend(backend, cache);
        }
        int[] all = {1, 2, 63, 64, 65, 127, 149};
        for (int split : thorough() ? all : new int[] {2, 65}) {
            try (KvCache cache = backend.allocate(shape.layout())) {
                float[] first = tokens.part(0, split).attend(backend, cache);
                float[] second = tokens.part(split, count).attend(backend, cache);
                int border = split * shape.outputs();
                isClose(first, Arrays.copyOf(whole, border), "before a split at " + split);
                isClose(
                        second,
                        Arrays.copyOfRange(whole, border, whole.length),
                        "after a split at " + split);
            }
        }
    }

    /// One batch of timelines of different lengths gives what a batch for each gives.
    @ParameterizedTest
    @MethodSource("shapes")
    void severalTimelinesInABatchDoNotTouchEachOther(Shape shape) {
        var random = new SplittableRandom(13);
        int[] histories = {0, 5, 70, 530, 64};
        int[] counts = {3, 1, 2, 1, tokens(66, 3)};
        int all = Arrays.stream(counts).sum();
        var tokens = Tokens.random(shape, all, random);
        var past = Tokens.random(shape, 530, random);
        List<Batch.Part> parts = new ArrayList<>();
        float[] expected = new float[all * shape.outputs()];
        int first = 0;
        for (int i = 0; i < counts.length; i++) {
            KvCache alone = backend.allocate(shape.layout());
            KvCache together = backend.allocate(shape.layout());
            if (histories[i] > 0) {
                past.part(0, histories[i]).append(backend, alone);
                past.part(0, histories[i]).append(backend, together);
            }
            float[] out = tokens.part(first, first + counts[i]).attend(backend, alone);
            System.arraycopy(out, 0, expected, first * shape.outputs(), out.length);
            parts.add(
                    new Batch.Part(
                            together,
                            Collections.nCopies(counts[i], 0),
                            i == 1 ? Batch.Logits.NONE : Batch.Logits.LAST));
            first += counts[i];
        }
        Batch batch = Batch.of(parts);
        assertThat(batch.outputs()).isEqualTo(4);
        assertThat(batch.output(0)).isEqualTo(2);
        assertThat(batch.output(1)).isEqualTo(5);
        assertThat(batch.position(3)).isEqualTo(5);
        assertThat(tokens.attend(backend, batch)).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aTokenSeesNothingAfterItself(Shape shape) {
        int count = 70;
        int last = count - 1;
        var tokens = Tokens.random(shape, count, new SplittableRandom(8));
        float[] k = tokens.k.clone();
        float[] v = tokens.v.clone();
        Arrays.fill(k, last * shape.keys(), count * shape.keys(), 100);
        Arrays.fill(v, last * shape.values(), count * shape.values(), 1000);
        var others = new Tokens(shape, count, tokens.q, k, v);
        try (KvCache one = backend.allocate(shape.layout());
                KvCache two = backend.allocate(shape.layout())) {
            float[] a = tokens.attend(backend, one);
            float[] b = others.attend(backend, two);
            int border = last * shape.outputs();
            assertThat(Arrays.copyOf(a, border)).isEqualTo(Arrays.copyOf(b, border));
            assertThat(Arrays.copyOfRange(a, border, a.length))
                    .isNotEqualTo(Arrays.copyOfRange(b, border, b.length));
        }
    }

    /// Nothing times infinity is NaN, so a weight of zero is not enough: what a token does not see must not be
    /// touched, wherever among its neighbours the first infinite value stands.
    @ParameterizedTest
    @MethodSource("shapes")
    void infiniteValuesReachNoTokenBeforeThem(Shape shape) {
        int count = 70;
        var tokens = Tokens.random(shape, count, new SplittableRandom(16));
        float[] expected;
        try (KvCache cache = backend.allocate(shape.layout())) {
            expected = tokens.attend(backend, cache);
        }
        int[] all = {1, 2, 3, 6, 64, 65, 66, 67, 69};
        for (int at : thorough() ? all : new int[] {3, 66}) {
            float[] k = tokens.k.clone();
            float[] v = tokens.v.clone();
            Arrays.fill(k, at * shape.keys(), k.length, Float.NEGATIVE_INFINITY);
            Arrays.fill(v, at * shape.values(), v.length, Float.POSITIVE_INFINITY);
            var infinite = new Tokens(shape, count, tokens.q, k, v);
            try (KvCache cache = backend.allocate(shape.layout())) {
                int border = at * shape.outputs();
                assertThat(Arrays.copyOf(infinite.attend(backend, cache), border))
                        .as("before position %d", at)
                        .isEqualTo(Arrays.copyOf(expected, border));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void truncatedPositionsAreForgotten(Shape shape) {
        var random = new SplittableRandom(9);
        var kept = Tokens.random(shape, 70, random);
        var forgotten = Tokens.random(shape, tokens(90, 30), random);
        var appended = Tokens.random(shape, tokens(30, 8), random);
        try (KvCache cache = backend.allocate(shape.layout());
                KvCache fresh = backend.allocate(shape.layout())) {
            kept.append(backend, cache);
            forgotten.append(backend, cache);
            cache.truncate(70);
            kept.append(backend, fresh);
            assertThat(appended.attend(backend, cache)).isEqualTo(appended.attend(backend, fresh));
            cache.truncate(0);
            fresh.truncate(0);
            assertThat(forgotten.attend(backend, cache))
                    .isEqualTo(forgotten.attend(backend, fresh));
        }
    }

    @ParameterizedTest
    @EnumSource
    void veryUnequalScoresDoNotOverflow(KvType type) {
        var shape = new Shape(type, new Heads(2, 2, 32, 32, 1));
        float[] q = new float[2 * shape.queries()];
        float[] k = new float[2 * shape.keys()];
        float[] v = new float[2 * shape.values()];
        Arrays.fill(q, 1000);
        Arrays.fill(k, 0, shape.keys(), 1000);
        Arrays.fill(k, shape.keys(), 2 * shape.keys(), -1000);
        Arrays.fill(v, 0, shape.values(), 7);
        try (KvCache cache = backend.allocate(shape.layout())) {
            float[] out = new Tokens(shape, 2, q, k, v).attend(backend, cache);
            // 7 / 127 rounded to a half, times 127.
            assertThat(out).containsOnly(out[0]);
            assertThat(out[0]).isCloseTo(7, within(type == KvType.Q8_0 ? 7f / 2048 : 0));
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void nanInAKeyReachesEveryTokenThatSeesIt(Shape shape) {
        int count = tokens(150, 70);
        int at = 66;
        var tokens = Tokens.random(shape, count, new SplittableRandom(15));
        Arrays.fill(tokens.k, at * shape.keys(), (at + 1) * shape.keys(), Float.NaN);
        try (KvCache cache = backend.allocate(shape.layout())) {
            float[] out = tokens.attend(backend, cache);
            float[] next = tokens.part(0, 1).attend(backend, cache);
            int border = at * shape.outputs();
            for (int i = 0; i < out.length; i++) {
                if (Float.isNaN(out[i]) != i >= border) {
                    assertThat(i).as("value %d is %s", i, out[i]).isEqualTo(border);
                }
            }
            for (float value : next) {
                assertThat(value).isNaN();
            }
        }
    }
}
