package dev.jinrai.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.backend.scalar.ScalarBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The specification against numbers worked out by hand: nothing else checks it but llama.cpp.
class ScalarBackendTest extends BackendConformance {
    private final Backend backend = new ScalarBackend();

    @Override
    protected Backend open() {
        return new ScalarBackend();
    }

    @Override
    protected int warmUpRounds() {
        return 1;
    }

    @Test
    void matmulOfANonSquareMatrixIsRowsTimesInput() {
        Weight w = backend.upload(f32(2, 3, 1, 2, 3, 4, 5, 6));
        Buffer out = backend.allocate(2, 2);
        backend.matmul(out, w, buffer(backend, new float[] {1, 10, 100, 0, 0, 1}, 2, 3));
        assertThat(read(backend, out)).containsExactly(321, 654, 3, 6);
    }

    @Test
    void rmsNormDividesByTheRootMeanSquareWithoutTakingTheMeanAway() {
        Buffer x = buffer(backend, new float[] {3, 4, 0, 0}, 1, 4);
        backend.rmsNorm(x, x, backend.upload(f32(1, 4, 1, 2, 3, 4)), 0);
        // mean square 25/4, root 2.5
        assertThat(read(backend, x)).containsExactly(1.2f, 3.2f, 0, 0);
    }

    @Test
    void ropePairsAreInterleavedOrHalves() {
        var quarter = new double[] {Math.PI / 2, 0};
        try (KvCache cache =
                backend.allocate(
                        new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32))) {
            cache.advance(1);
            Batch batch = Batch.of(cache, new int[1], Batch.Logits.NONE);
            Buffer x = buffer(backend, new float[] {1, 2, 3, 4}, 1, 4);
            backend.rope(x, 4, new Rope(Rope.Pairing.INTERLEAVED, quarter, 1), batch);
            assertThat(read(backend, x)).containsExactly(new float[] {-2, 1, 3, 4}, within(1e-6f));
            Buffer y = buffer(backend, new float[] {1, 2, 3, 4}, 1, 4);
            backend.rope(y, 4, new Rope(Rope.Pairing.HALVES, quarter, 1), batch);
            assertThat(read(backend, y)).containsExactly(new float[] {-3, 2, 1, 4}, within(1e-6f));
        }
    }

    @Test
    void siluIsNotGelu() {
        Buffer x = buffer(backend, new float[] {1, -1, 2}, 1, 3);
        backend.activate(x, Activation.SILU);
        assertThat(read(backend, x))
                .containsExactly(new float[] {0.7310586f, -0.2689414f, 1.7615942f}, within(1e-7f));
    }

    @Test
    void groupedHeadsShareKeysAndValuesInOrder() {
        // Four query heads, two key/value heads of length 1: heads 0 and 1 read the first.
        var layout = new KvLayout(List.of(new KvLayout.Layer(2, 1, 1)), 8, KvType.F32);
        try (KvCache cache = backend.allocate(layout)) {
            Batch batch = Batch.of(cache, new int[1], Batch.Logits.NONE);
            backend.append(
                    batch,
                    0,
                    buffer(backend, new float[] {1, 1}, 1, 2),
                    buffer(backend, new float[] {10, 20}, 1, 2));
            Buffer out = backend.allocate(1, 4);
            backend.attention(
                    out,
                    buffer(backend, new float[] {1, 1, 1, 1}, 1, 4),
                    batch,
                    0,
                    new Heads(4, 2, 1, 1, 1));
            assertThat(read(backend, out)).containsExactly(10, 10, 20, 20);
        }
    }
}
