package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.BackendOptions;
import dev.jinrai.backend.Backends;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.hybrid.HybridBackend;
import dev.jinrai.gpu.vulkan.SmallDevice;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models with some layers on a GPU and some on the CPU say what they say on either.
class HybridModelsTest {
    private static final long MIB = 1 << 20;

    private static ModelOptions hybrid(int layers) {
        return ModelOptions.DEFAULTS.withBackend("hybrid").withThreads(2).withGpuLayers(layers);
    }

    /// The bounds are those of each backend alone: nothing is computed otherwise.
    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama_yarn", "llama_moe"})
    void logitsAndGreedyTextAreLlamaCpps(String name) {
        Path file = Goldens.file("models/" + name + ".gguf");
        try (Model model = Model.open(file, hybrid(1).withKvType(KvType.F32));
                Session session = model.newSession();
                GoldenRun golden = new GoldenRun(Goldens.file("models/" + name + ".golden.gguf"))) {
            assertThat(model.backend().name()).isEqualTo("hybrid");
            float[] logits = session.feed(golden.tokens());
            GoldenModels.answersLike(golden, session, logits, 1e-10, 3e-4);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void theDemoModelTellsItsStory(int layers) {
        GoldenModels.tellsItsStory(hybrid(layers), 30);
    }

    /// A prompt of two passes, and a context that grows over two blocks.
    @ParameterizedTest
    @EnumSource(names = {"F16", "Q8_0"})
    void aLongPromptEqualsTheCpus(KvType type) {
        int[] prompt = new int[300];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = 3 + i * 7919 % 1000;
        }
        float[] expected;
        var cpu = ModelOptions.DEFAULTS.withBackend("cpu").withThreads(2).withKvType(type);
        try (Model model = Model.open(GoldenModels.DEMO, cpu);
                Session session = model.newSession()) {
            session.feed(prompt);
            expected = session.feed(5).clone();
        }
        try (Model model = Model.open(GoldenModels.DEMO, hybrid(2).withKvType(type));
                Session session = model.newSession()) {
            session.feed(prompt);
            float[] actual = session.feed(5);
            // Keys and values that differ in the last bits are rounded another way.
            Nmse.of(actual, expected)
                    .isWithin(
                            type == KvType.F16 ? 1e-6 : 1e-4,
                            Double.POSITIVE_INFINITY,
                            "logits after 300 tokens");
            assertThat(GoldenModels.largest(actual)).isEqualTo(GoldenModels.largest(expected));
        }
    }

    /// A device without memory for the next block: the pass fails, what was there stays, and half a cache is not ahead of the
    /// other.
    @Test
    void aCacheThatCannotGrowOnTheDeviceChangesOnNeitherSide() {
        var layer = new KvLayout.Layer(8, 64, 64);
        var layout = new KvLayout(List.of(layer, layer), 100_000, KvType.F32);
        GpuDevice small = SmallDevice.open(12 * MIB);
        Backend cpu = Backends.named("cpu").open(new BackendOptions(1));
        try (Backend backend = new HybridBackend(cpu, new GpuBackend("vulkan", small), 2, 1);
                KvCache cache = backend.allocate(layout)) {
            Buffer k = backend.allocate(256, 512);
            int blocks = 0;
            Optional<DeviceMemoryException> full = Optional.empty();
            while (full.isEmpty() && blocks < 20) {
                try {
                    append(backend, cache, k);
                    blocks++;
                } catch (DeviceMemoryException e) {
                    full = Optional.of(e);
                }
            }
            assertThat(full).isPresent();
            assertThat(blocks).isBetween(5, 12);
            assertThat(cache.length()).isEqualTo(256 * blocks);

            cache.truncate(256);
            append(backend, cache, k);
            assertThat(cache.length()).isEqualTo(512);
        }
    }

    private static void append(Backend backend, KvCache cache, Buffer k) {
        Batch batch = Batch.of(cache, new int[256], Batch.Logits.NONE);
        backend.pass(
                batch,
                () -> {
                    backend.append(batch, 0, k, k);
                    backend.append(batch, 1, k, k);
                });
        cache.advance(256);
    }
}
