package dev.jinrai.backend;

import static dev.jinrai.backend.BackendConformance.buffer;
import static dev.jinrai.backend.BackendConformance.read;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.scalar.ScalarBackend;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The specification's cache against numbers worked out by hand.
class ScalarAttentionTest extends AttentionConformance {
    @Override
    protected Backend open() {
        return new ScalarBackend();
    }

    /// A token alone sees its own value, as the cache remembers it.
    ///
    /// f16 has steps of 1/1024 from 1 to 2. q8_0 has the step 127/127 here, so that codes are whole numbers, ties
    /// away from zero.
    @ParameterizedTest
    @CsvSource({
        "F32, 1.0001, 1.0001",
        "F16, 1.0001, 1",
        "F16, 1.0009, 1.0009765625",
        "F16, 70000, Infinity",
        "Q8_0, 1.4, 1",
        "Q8_0, -2.5, -3",
    })
    void theCacheKeepsWhatItsTypeCanHold(KvType type, float stored, float remembered) {
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 32, 32)), 8, type);
        float[] values = new float[32];
        values[0] = 127;
        values[5] = stored;
        try (Backend backend = open();
                KvCache cache = backend.allocate(layout)) {
            Batch batch = Batch.of(cache, new int[1], Batch.Logits.NONE);
            backend.append(batch, 0, backend.allocate(1, 32), buffer(backend, values, 1, 32));
            Buffer out = backend.allocate(1, 32);
            backend.attention(out, backend.allocate(1, 32), batch, 0, new Heads(1, 1, 32, 32, 1));
            assertThat(read(backend, out)[5]).isEqualTo(remembered);
        }
    }
}
