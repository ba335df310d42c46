package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Weight;
import dev.jinrai.backend.scalar.ScalarBackend;
import dev.jinrai.format.F32;
import dev.jinrai.format.Q8_0;
import dev.jinrai.testing.Nmse;
import dev.jinrai.testing.RandomTensors;
import dev.jinrai.testing.Variants;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A pass that is sent again, of however many shapes there were between, computes what it computed when it was recorded.
class PassesTest {
    /// Packed dot products are off by 1e-4 of the largest logit, whose square is 1e-8; logits of another pass are off by 1.
    private static final double NMSE = 1e-6;

    /// More shapes than are kept.
    private static final int SHAPES = 12;

    /// The longest prompt first: room that grows has all passes forgotten.
    @ParameterizedTest
    @ValueSource(strings = {"vulkan", PackedProvider.NAME})
    void ofMoreLengthsThanAreKept(String backend) {
        same(
                backend,
                (session, fed) -> {
                    for (int length = SHAPES; length > 0; length--) {
                        for (int again = 0; again < 3; again++) {
                            session.rewind(0);
                            fed.accept(session.feed(tokens(length, 10 * length + again)));
                        }
                    }
                });
    }

    /// What comes to the host grows: the first pass that wants all logits makes room for them and is not kept, the second is.
    @ParameterizedTest
    @ValueSource(strings = {"vulkan", PackedProvider.NAME})
    void ofOneOutputBetweenThoseOfMany(String backend) {
        same(
                backend,
                (session, fed) -> {
                    for (int turn = 0; turn < 4; turn++) {
                        session.feed(tokens(5, turn), (_, logits) -> fed.accept(logits));
                        fed.accept(session.feed(tokens(1, 10 + turn)));
                        fed.accept(session.feed(tokens(1, 20 + turn)));
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofMoreNumbersOfCandidatesThanAreKept(boolean dots) {
        List<float[]> expected = candidates(new ScalarBackend());
        List<float[]> actual =
                candidates(new GpuBackend("vulkan", new SharedDevice(), dots, false));
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            // Sums of 64 products of f32 up to 2, in another order.
            assertThat(actual.get(i))
                    .as("pass %d", i)
                    .containsExactly(expected.get(i), within(1e-4f));
        }
    }

    /// {@return what passes bring that each want another number of the largest of 300 values}
    private static List<float[]> candidates(Backend of) {
        var random = new SplittableRandom(3);
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);
        List<float[]> found = new ArrayList<>();
        try (Backend backend = of;
                KvCache cache = backend.allocate(layout)) {
            Weight table = backend.upload(RandomTensors.of(new F32(), 1, 8, 64, random));
            Weight output = backend.upload(RandomTensors.of(new F32(), 1, 300, 64, random));
            Buffer x = backend.allocate(1, 64);
            Buffer logits = backend.allocate(1, 300);
            List<Buffer> outs = new ArrayList<>();
            for (int kept = 1; kept <= SHAPES; kept++) {
                outs.add(backend.allocate(1, 2 * kept));
            }
            for (Buffer out : outs) {
                int kept = out.columns() / 2;
                for (int again = 0; again < 3; again++) {
                    int[] token = {(kept + 3 * again) % 8};
                    Batch batch =
                            Batch.of(cache, token, Batch.Logits.LAST)
                                    .wanting(new Batch.Candidates(kept, 300));
                    backend.pass(
                            batch,
                            () -> {
                                backend.embed(x, table, batch);
                                backend.matmul(logits, output, x);
                                backend.largest(out, logits, 300);
                            });
                    float[] largest = new float[2 * kept];
                    backend.read(out, largest, 0);
                    found.add(largest);
                }
            }
        }
        return found;
    }

    /// Memory for what comes to the host that is outgrown, with other such memory behind it: what takes its place lies elsewhere.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofOneOutputWhoseMemoryForTheHostIsOutgrown(boolean dots) {
        List<float[]> expected = outgrowing(new ScalarBackend());
        List<float[]> actual =
                outgrowing(new GpuBackend("vulkan", new SharedDevice(), dots, false));
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(Nmse.of(actual.get(i), expected.get(i)).nmse())
                    .as("pass %d", i)
                    .isLessThan(NMSE);
        }
    }

    /// {@return logits of one token, of four tokens, and of one again}
    private static List<float[]> outgrowing(Backend of) {
        var random = new SplittableRandom(4);
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);
        List<float[]> found = new ArrayList<>();
        try (Backend backend = of;
                KvCache cache = backend.allocate(layout)) {
            Weight table = backend.upload(RandomTensors.of(new F32(), 1, 8, 64, random));
            Weight output = backend.upload(RandomTensors.of(new Q8_0(), 1, 300, 64, random));
            Buffer x = backend.allocate(4, 64);
            Buffer logits = backend.allocate(4, 300);
            Buffer largest = backend.allocate(1, 600);
            for (int[] tokens : new int[][] {{1}, {}, {1, 2, 3, 4}, {5}, {6}}) {
                boolean all = tokens.length > 0;
                int count = Math.max(1, tokens.length);
                var wanted = all ? Batch.Candidates.NONE : new Batch.Candidates(300, 300);
                Batch batch =
                        Batch.of(cache, all ? tokens : new int[] {7}, Batch.Logits.ALL)
                                .wanting(wanted);
                backend.pass(
                        batch,
                        () -> {
                            backend.embed(x.first(count), table, batch);
                            backend.matmul(logits.first(count), output, x.first(count));
                            if (!all) {
                                backend.largest(largest, logits.first(count), 300);
                            }
                        });
                float[] row = new float[count * 300];
                if (all) {
                    backend.read(logits.first(count), row, 0);
                    found.add(row);
                }
            }
        }
        return found;
    }

    /// What a test does with a session; `fed` gets the logits of each of its passes.
    private interface Doing {
        void with(Session session, Consumer<float[]> fed);
    }

    /// Compares the logits of `backend` with those of `scalar`.
    private static void same(String backend, Doing doing) {
        List<float[]> expected = logits("scalar", doing);
        List<float[]> actual = logits(backend, doing);
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(Nmse.of(actual.get(i), expected.get(i)).nmse())
                    .as("pass %d", i)
                    .isLessThan(NMSE);
        }
    }

    private static List<float[]> logits(String backend, Doing doing) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withKvType(KvType.F32);
        List<float[]> all = new ArrayList<>();
        try (Model model = Model.open(Variants.file("llama_q-Q8_0"), options);
                Session session = model.newSession()) {
            doing.with(session, logits -> all.add(logits.clone()));
        }
        return all;
    }

    /// {@return `count` tokens, others for another seed}
    private static int[] tokens(int count, int seed) {
        return new SplittableRandom(seed).ints(count, 3, 60).toArray();
    }
}
