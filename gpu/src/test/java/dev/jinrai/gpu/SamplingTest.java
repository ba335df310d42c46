package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Generation;
import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.backend.Backend;
import dev.jinrai.backend.Batch;
import dev.jinrai.backend.Buffer;
import dev.jinrai.backend.KvCache;
import dev.jinrai.backend.KvLayout;
import dev.jinrai.backend.KvType;
import dev.jinrai.backend.Weight;
import dev.jinrai.format.F32;
import dev.jinrai.format.Q8_0;
import dev.jinrai.sampler.Sampling;
import dev.jinrai.testing.AllLogits;
import dev.jinrai.testing.RandomTensors;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers chosen from the largest logits, which the device finds, are those from all logits.
class SamplingTest {
    static Stream<Sampling> settings() {
        return AllLogits.settings();
    }

    private static Model model;

    @BeforeAll
    static void open() {
        model = Model.open(GoldenModels.DEMO, ModelOptions.DEFAULTS.withBackend("vulkan"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @ParameterizedTest
    @MethodSource("settings")
    void answersAreThoseOfAllLogits(Sampling how) {
        compare(model, how, true);
    }

    /// By packed dot products; with layers on both, and with all on the device, output included.
    @ParameterizedTest
    @CsvSource({PackedProvider.NAME + ",0", "hybrid,2", "hybrid,6"})
    void soAreThoseOfOtherBackends(String backend, int layers) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withThreads(2);
        options = layers == 0 ? options : options.withGpuLayers(layers);
        try (Model other = Model.open(GoldenModels.DEMO, options)) {
            compare(other, Sampling.greedy(), false);
            compare(other, Sampling.defaults(5), true);
        }
    }

    /// The end of a pass: a product of 5000 rows, of which no more comes to the host than what is asked for.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPassBringsTheCandidatesAndNothingElse(boolean dots) {
        var device = new SharedDevice();
        var random = new SplittableRandom(1);
        var layout = new KvLayout(List.of(new KvLayout.Layer(1, 4, 4)), 8, KvType.F32);
        try (Backend backend = new GpuBackend("vulkan", device, dots, false);
                KvCache cache = backend.allocate(layout)) {
            Weight table = backend.upload(RandomTensors.of(new F32(), 1, 3, 64, random));
            Weight output = backend.upload(RandomTensors.of(new Q8_0(), 1, 5000, 64, random));
            Buffer x = backend.allocate(1, 64);
            Buffer logits = backend.allocate(1, 5000);
            for (int kept : new int[] {1, 64}) {
                Buffer out = backend.allocate(1, 2 * kept);
                float[] largest = new float[2 * kept];
                device.readback = 0;
                for (int i = 0; i < 3; i++) {
                    Batch batch =
                            Batch.of(cache, new int[] {i}, Batch.Logits.LAST)
                                    .wanting(new Batch.Candidates(kept, 5000));
                    backend.pass(
                            batch,
                            () -> {
                                backend.embed(x, table, batch);
                                backend.matmul(logits, output, x);
                                backend.largest(out, logits, 5000);
                            });
                    backend.read(out, largest, 0);
                }
                assertThat(device.readback).isEqualTo(8L * kept);
                float[] all = new float[5000];
                backend.read(logits, all, 0);
                for (float logit : all) {
                    assertThat(logit).isLessThanOrEqualTo(largest[kept]);
                }
            }
        }
    }

    private static void compare(Model model, Sampling how, boolean ignoreEnd) {
        int[] prompt = model.tokenizer().encode("Once upon a time", true, true);
        var options = new Generation.Options(12, how, List.of(), ignoreEnd);
        assertThat(AllLogits.generated(model, prompt, options))
                .hasSize(12)
                .isEqualTo(AllLogits.answer(model, prompt, options));
    }
}
