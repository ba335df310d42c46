package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.format.F32;
import dev.jinrai.testing.RandomTensors;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A shape that does not fit is an error that says so, on every backend of this module, where assertions are on.
class ShapesTest {
    private static final KvLayout LAYOUT =
            new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);

    /// A verb with buffers of 3 tokens, one dimension of which is wrong.
    @FunctionalInterface
    private interface Verb {
        void run(Backend on, Batch batch);
    }

    private static Weight weight(Backend on, int slices, int rows, int columns) {
        return on.upload(
                RandomTensors.of(new F32(), slices, rows, columns, new SplittableRandom(1)));
    }

    private static final Heads HEADS = new Heads(2, 1, 4, 4, 1);
    private static final Rope ROPE = BackendConformance.rope(Rope.Pairing.HALVES, 2);

    private static final Map<String, Verb> WRONG =
            Map.ofEntries(
                    Map.entry(
                            "embed: out: wanted 3×8, got 3×7",
                            (on, batch) -> on.embed(on.allocate(3, 7), weight(on, 1, 9, 8), batch)),
                    Map.entry(
                            "matmul: x: wanted 2×20, got 2×40",
                            (on, _) ->
                                    on.matmul(
                                            on.allocate(2, 5),
                                            weight(on, 1, 5, 20),
                                            on.allocate(2, 40))),
                    Map.entry(
                            "matmul: out: wanted 2×5, got 2×6",
                            (on, _) ->
                                    on.matmul(
                                            on.allocate(2, 6),
                                            weight(on, 1, 5, 20),
                                            on.allocate(2, 20))),
                    Map.entry(
                            "rmsNorm: x: wanted 2×20, got 2×40",
                            (on, _) ->
                                    on.rmsNorm(
                                            on.allocate(2, 40),
                                            on.allocate(2, 40),
                                            weight(on, 1, 1, 20),
                                            1e-5f)),
                    Map.entry(
                            "rmsNorm: out: wanted 2×20, got 1×20",
                            (on, _) ->
                                    on.addRmsNorm(
                                            on.allocate(1, 20),
                                            on.allocate(2, 20),
                                            on.allocate(2, 20),
                                            weight(on, 1, 1, 20),
                                            1e-5f)),
                    Map.entry(
                            "rope: x: wanted 3×8, got 2×8",
                            (on, batch) -> on.rope(on.allocate(2, 8), 4, ROPE, batch)),
                    Map.entry(
                            "rope: wanted whole heads of 4 values with 2 pairs, got 6 columns",
                            (on, batch) -> on.rope(on.allocate(3, 6), 4, ROPE, batch)),
                    Map.entry(
                            "append: values: wanted 3×4, got 2×4",
                            (on, batch) ->
                                    on.append(batch, 0, on.allocate(3, 4), on.allocate(2, 4))),
                    Map.entry(
                            "attention: q: wanted 3×8, got 3×4",
                            (on, batch) ->
                                    on.attention(
                                            on.allocate(3, 8), on.allocate(3, 4), batch, 0, HEADS)),
                    Map.entry(
                            "element-wise: y: wanted 2×20, got 2×10",
                            (on, _) -> on.add(on.allocate(2, 20), on.allocate(2, 10))),
                    Map.entry(
                            "element-wise: y: wanted 2×20, got 1×20",
                            (on, _) ->
                                    on.gate(
                                            on.allocate(2, 20),
                                            Activation.SILU,
                                            on.allocate(1, 20))),
                    Map.entry(
                            "select: out: wanted 3×8, got 1×8",
                            (on, batch) -> on.select(on.allocate(1, 8), on.allocate(3, 8), batch)),
                    Map.entry(
                            "topK: wanted 3 scores or more, got 2",
                            (on, _) -> on.topK(on.allocateRouting(2, 3), on.allocate(2, 2))),
                    Map.entry(
                            "topK: scores: wanted 2×5, got 1×5",
                            (on, _) -> on.topK(on.allocateRouting(2, 3), on.allocate(1, 5))),
                    Map.entry(
                            "matmulExperts: x: wanted 6×8, got 4×8",
                            (on, _) ->
                                    on.matmulExperts(
                                            on.allocate(6, 5),
                                            weight(on, 4, 5, 8),
                                            on.allocate(4, 8),
                                            on.allocateRouting(2, 3))),
                    Map.entry(
                            "matmulExperts: out: wanted 6×5, got 2×5",
                            (on, _) ->
                                    on.matmulExperts(
                                            on.allocate(2, 5),
                                            weight(on, 4, 5, 8),
                                            on.allocate(2, 8),
                                            on.allocateRouting(2, 3))),
                    Map.entry(
                            "combine: y: wanted 6×8, got 2×8",
                            (on, _) ->
                                    on.combine(
                                            on.allocate(2, 8),
                                            on.allocate(2, 8),
                                            on.allocateRouting(2, 3))));

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "cpu"})
    void whatDoesNotFitIsRefused(String name) {
        WRONG.forEach((message, verb) -> {
            try (Backend on = Backends.named(name).open(new BackendOptions(1));
                    KvCache cache = on.allocate(LAYOUT)) {
                var batch = Batch.of(cache, new int[3], Batch.Logits.ALL);
                assertThatThrownBy(() -> verb.run(on, batch))
                        .as(message)
                        .isInstanceOf(AssertionError.class)
                        .hasMessage(message);
            }
        });
    }

    /// What the other test relies on.
    @Test
    void assertionsAreOnInTests() {
        assertThat(Shapes.class.desiredAssertionStatus()).isTrue();
    }
}
