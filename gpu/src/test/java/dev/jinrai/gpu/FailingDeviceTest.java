package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A device that fails in the middle of work is an exception with one line, and what is left can be closed.
class FailingDeviceTest {
    private static final KvLayout LAYOUT =
            new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 800, KvType.F32);

    @Test
    void aLostDeviceIsReportedByWhoeverUsesIt() {
        var device = new SharedDevice();
        Backend backend = new GpuBackend("vulkan", device);
        Buffer x = backend.allocate(1, 4);
        device.lost = true;

        assertThatThrownBy(() -> backend.write(x, new float[4]))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("lost");
        assertThatThrownBy(() -> backend.read(x, new float[4], 0))
                .isInstanceOf(BackendException.class);
        assertThatCode(backend::close).doesNotThrowAnyException();
    }

    @Test
    void aCacheThatCannotGrowKeepsWhatItHas() {
        var device = new SharedDevice();
        try (Backend backend = new GpuBackend("vulkan", device);
                var cache = backend.allocate(LAYOUT)) {
            Buffer k = backend.allocate(256, 4);
            Batch first = Batch.of(cache, new int[256], Batch.Logits.NONE);
            backend.pass(first, () -> backend.append(first, 0, k, k));
            cache.advance(256);
            device.full = true;
            Batch next = Batch.of(cache, new int[1], Batch.Logits.NONE);

            assertThatThrownBy(() ->
                            backend.pass(
                                    next, () -> backend.append(next, 0, k.first(1), k.first(1))))
                    .isInstanceOf(DeviceMemoryException.class);
            assertThat(cache.length()).isEqualTo(256);
            device.full = false;
            backend.pass(next, () -> backend.append(next, 0, k.first(1), k.first(1)));
            cache.advance(1);
            assertThat(cache.length()).isEqualTo(257);
        }
    }
}
