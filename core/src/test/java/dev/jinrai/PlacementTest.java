package dev.jinrai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.backend.BackendException;
import dev.jinrai.backend.BackendProvider;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.gguf.Warming;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import dev.jinrai.trace.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A model runs on a device, on the CPU or on both, as memory and options say, and its results are the same.
class PlacementTest {
    private static final long MIB = 1 << 20;
    private static final long LARGE = 1L << 40;
    private static final Memory MEMORY = new Memory(OptionalLong.of(LARGE), LARGE);

    /// More than the reserve, and not enough for all six layers of 0.5 MiB and their keys and values.
    private static final long SMALL = 272 * MIB;

    private static final Path DEMO = Goldens.folder().resolveSibling("demo/demo-Q8_0.gguf");

    private static Model open(Path file, ModelOptions options, List<BackendProvider> providers) {
        return Model.open(file, options.withThreads(2), MEMORY, Optional.empty(), providers);
    }

    private static Model open(ModelOptions options, MadeUpDevice device) {
        return open(DEMO, options, device.andTheCpu());
    }

    private static int layers(Model model) {
        return model.config().layers().size();
    }

    @Test
    void autoTakesADeviceThatHoldsAll() {
        try (Model model = open(ModelOptions.DEFAULTS, new MadeUpDevice(LARGE))) {
            assertThat(model.backend().name()).isEqualTo("card");
            assertThat(model.notices()).isEmpty();
        }
    }

    @Test
    void autoSplitsAModelThatADeviceHoldsAPartOfAndSaysSo() {
        var options = ModelOptions.DEFAULTS.withContext(2048);
        try (Model model = open(options, new MadeUpDevice(SMALL))) {
            assertThat(model.backend().name()).isEqualTo("hybrid");
            assertThat(model.backend().device())
                    .matches("[1-5] of 6 layers on Card, the rest on .*");
            assertThat(model.notices()).hasSize(1);
            assertThat(model.notices().getFirst())
                    .matches("[1-5] of 6 layers fit the GPU, the CPU runs the rest: .*");
            assertThat(model.contextLength()).isEqualTo(2048);
        }
    }

    @Test
    void autoTakesTheCpuWhereNoLayerFitsAndClosesTheDevice() {
        var device = new MadeUpDevice(10 * MIB);
        try (Model model = open(ModelOptions.DEFAULTS, device)) {
            assertThat(model.backend().name()).isEqualTo("cpu");
            assertThat(model.notices().getFirst())
                    .startsWith("not one layer of the model fits the GPU, so the CPU runs it");
            assertThat(device.open).isZero();
        }
    }

    @Test
    void autoTakesTheCpuWhereTheDeviceDoesNotStart() {
        var device = new MadeUpDevice(LARGE);
        device.broken = true;
        try (Model model = open(ModelOptions.DEFAULTS, device)) {
            assertThat(model.backend().name()).isEqualTo("cpu");
            assertThat(model.notices())
                    .containsExactly("GPU 'Card' does not start: the CPU runs the model");
        }
        assertThatThrownBy(() -> open(ModelOptions.DEFAULTS.withBackend("card"), device))
                .hasMessage("GPU 'Card' does not start");
    }

    @ParameterizedTest
    @CsvSource({
        "auto, 0, cpu, ''",
        "auto, 2, hybrid, 2 of 6",
        "auto, 99, card, Card",
        "hybrid, 0, cpu, ''",
        "hybrid, 5, hybrid, 5 of 6",
        "hybrid, 6, card, Card",
        "hybrid, -1, card, Card",
        "card, 1, hybrid, 1 of 6",
        "cpu, 0, cpu, ''",
        "scalar, -1, scalar, ''",
    })
    void layersAreWhereTheUserWantsThem(String asked, int layers, String used, String device) {
        var options = ModelOptions.DEFAULTS.withBackend(asked).withGpuLayers(layers);
        try (Model model = open(options, new MadeUpDevice(LARGE))) {
            assertThat(model.backend().name()).isEqualTo(used);
            assertThat(model.backend().device()).startsWith(device);
            assertThat(model.notices()).isEmpty();
        }
    }

    /// Whoever names it may take it for a GPU.
    @ParameterizedTest
    @ValueSource(ints = {ModelOptions.AUTOMATIC, 2})
    void aProgramThatPlaysADeviceIsNamed(int layers) {
        var device = new MadeUpDevice(LARGE);
        device.software = true;
        var options = ModelOptions.DEFAULTS.withBackend("card").withGpuLayers(layers);
        try (Model model = open(options, device)) {
            assertThat(model.notices())
                    .containsExactly(
                            "'Card' is no GPU but a program that plays one; the backend 'cpu' is"
                                    + " faster");
        }
    }

    @Test
    void theCpuHasNoLayersOnAGpu() {
        var options = ModelOptions.DEFAULTS.withBackend("cpu").withGpuLayers(3);
        assertThatThrownBy(() -> open(options, new MadeUpDevice(LARGE)))
                .isInstanceOf(BackendException.class)
                .hasMessage(
                        "backend 'cpu' has no layers on a GPU; use the backend hybrid, or auto");
    }

    @Test
    void hybridWithoutADeviceSaysWhy() {
        var cpu = new MadeUpDevice(0).andTheCpu().subList(0, 2);
        var both = new ArrayList<>(cpu);
        both.add(new dev.jinrai.backend.hybrid.HybridProvider(cpu));
        assertThatThrownBy(() -> open(DEMO, ModelOptions.DEFAULTS.withBackend("hybrid"), both))
                .isInstanceOf(BackendException.class)
                .hasMessage(
                        "backend 'hybrid' is unavailable: no backend for a GPU is in this build");
    }

    @Test
    void whatWasNamedAndDoesNotFitIsRefusedBeforeAnythingIsUploaded() {
        var device = new MadeUpDevice(SMALL);
        for (ModelOptions options :
                List.of(
                        ModelOptions.DEFAULTS.withBackend("card").withContext(2048),
                        ModelOptions.DEFAULTS.withGpuLayers(6).withContext(2048))) {
            assertThatThrownBy(() -> open(options, device))
                    .isInstanceOf(DeviceMemoryException.class)
                    .hasMessageStartingWith(DEMO + ": ")
                    .hasMessageContaining("of the memory of 'Card' are needed")
                    .hasMessageContaining("layers fit with the backend hybrid");
        }
        assertThat(device.calls).doesNotContain("upload");
        assertThat(device.open).isZero();
    }

    /// An estimate that proves wrong costs layers, not the model.
    @Test
    void aDeviceThatIsFullEarlierGetsFewerLayers() {
        var device = new MadeUpDevice(LARGE);
        device.uploads = 9 * 2; // two layers of nine weights
        try (Model model = open(ModelOptions.DEFAULTS, device)) {
            assertThat(model.backend().device()).startsWith("2 of 6 layers on Card");
            assertThat(model.notices())
                    .containsExactly("the card is full: the GPU runs 2 of 6 layers");
            assertThat(device.open).isEqualTo(1);
        }
        assertThat(device.open).isZero();
        assertThatThrownBy(() -> open(ModelOptions.DEFAULTS.withGpuLayers(4), device))
                .isInstanceOf(DeviceMemoryException.class);
        assertThat(device.open).isZero();
    }

    /// Nobody said which context: it is what the device has room for beside all layers.
    @Test
    void theContextIsCutToWhatTheDeviceHolds() {
        Path file = Goldens.file("models/llama.gguf");
        try (Model all = open(file, ModelOptions.DEFAULTS, new MadeUpDevice(LARGE).andTheCpu())) {
            assertThat(all.contextLength()).isEqualTo(all.config().contextLength());
        }
        var device = new MadeUpDevice(LARGE);
        try (Model part = open(DEMO, ModelOptions.DEFAULTS.withGpuLayers(3), device.andTheCpu())) {
            assertThat(part.contextLength()).isEqualTo(part.config().contextLength());
        }
    }

    /// Keys and values on the device take nothing of the heap.
    @Test
    void onlyTheHostsLayersCountOnTheHeap() {
        var heap = new Memory(OptionalLong.of(LARGE), MIB / 2);
        var device = new MadeUpDevice(LARGE);
        int[] contexts =
                Arrays.stream(new int[] {0, 3, 6})
                        .map(layers -> {
                            var options =
                                    ModelOptions.DEFAULTS.withGpuLayers(layers).withThreads(1);
                            try (Model model =
                                    Model.open(
                                            DEMO,
                                            options,
                                            heap,
                                            Optional.empty(),
                                            device.andTheCpu())) {
                                return model.contextLength();
                            }
                        })
                        .toArray();
        assertThat(contexts[0]).isLessThan(contexts[1]);
        assertThat(contexts[1]).isLessThanOrEqualTo(contexts[2]);
    }

    /// Each half counts once, and all of it.
    @ParameterizedTest
    @ValueSource(ints = {0, 2, 6})
    void progressGoesToTheEnd(int layers) {
        List<Long> done = new ArrayList<>();
        List<Long> totals = new ArrayList<>();
        var listener =
                new Warming.Listener() {
                    @Override
                    public void read(long bytes, long total) {
                        done.add(bytes);
                        totals.add(total);
                    }

                    @Override
                    public void tooLarge(long total, long available) {
                        throw new AssertionError("too large");
                    }
                };
        long bytes;
        try (Gguf gguf = Gguf.open(DEMO)) {
            bytes = gguf.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
        }
        try (Model model =
                Model.open(
                        DEMO,
                        ModelOptions.DEFAULTS.withGpuLayers(layers).withThreads(1),
                        MEMORY,
                        Optional.of(listener),
                        new MadeUpDevice(LARGE).andTheCpu())) {
            assertThat(layers(model)).isEqualTo(6);
        }
        assertThat(done).isSorted().last().isEqualTo(bytes);
        assertThat(totals).containsOnly(bytes);
    }

    // ---- results

    /// Every architecture, format of keys and values, and place to split: logits are llama.cpp's within the bounds that each
    /// backend alone keeps, and greedy tokens equal.
    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama_yarn", "llama_moe", "llama_q"})
    void everySplitGivesLlamaCppsLogits(String name) {
        Path file = Goldens.file("models/" + name + ".gguf");
        try (GoldenRun golden = new GoldenRun(Goldens.file("models/" + name + ".golden.gguf"))) {
            for (int layers = 1; ; layers++) {
                var options = ModelOptions.DEFAULTS.withKvType(KvType.F32).withGpuLayers(layers);
                try (Model model = open(file, options, new MadeUpDevice(LARGE).andTheCpu());
                        Session session = model.newSession()) {
                    if (layers == layers(model)) {
                        assertThat(layers).isGreaterThan(1);
                        return;
                    }
                    assertThat(model.backend().name()).isEqualTo("hybrid");
                    check(session, golden, "%s, %d layers".formatted(name, layers));
                }
            }
        }
    }

    private static void check(Session session, GoldenRun golden, String what) {
        int vocabulary = session.vocabularySize();
        float[] expected = golden.floats("greedy_logits");
        int[] greedy = golden.greedy();
        float[] logits = session.feed(golden.tokens());
        for (int i = 0; i < greedy.length; i++) {
            int best = 0;
            for (int id = 1; id < vocabulary; id++) {
                best = logits[id] > logits[best] ? id : best;
            }
            assertThat(best).as("%s: token %d", what, i).isEqualTo(greedy[i]);
            logits = session.feed(greedy[i]);
            Nmse.of(logits, Arrays.copyOfRange(expected, i * vocabulary, (i + 1) * vocabulary))
                    .isWithin(1e-10, 3e-4, what + ": logits after token " + i);
        }
    }

    @Test
    void aTraceSeesWhatBothHalvesCompute() {
        Path file = Goldens.file("models/llama.gguf");
        try (GoldenRun golden = new GoldenRun(Goldens.file("models/llama.golden.gguf"));
                Model model =
                        open(
                                file,
                                ModelOptions.DEFAULTS.withKvType(KvType.F32).withGpuLayers(1),
                                new MadeUpDevice(LARGE).andTheCpu());
                Session session = model.newSession()) {
            session.feed(golden.tokens()); // a pass of the same shape came before
            session.rewind(0);
            List<String> seen = new ArrayList<>();
            session.feed(
                    golden.tokens(),
                    (_, _) -> {},
                    new Trace() {
                        @Override
                        public void tensor(String tensor, int layer, int rows, float[] values) {
                            String label = Trace.label(tensor, layer);
                            if (golden.has(label)) {
                                seen.add(label);
                                Nmse.of(values, golden.floats(label))
                                        .isWithin(1e-10, Double.POSITIVE_INFINITY, label);
                            }
                        }
                    });
            assertThat(seen).contains("l_out-0", "l_out-1", "result_norm");
        }
    }

    /// A step of an answer: what the first layer on the device reads goes there once, what its last wrote comes back once, and
    /// the device gets all between as one pass.
    @Test
    void aPassCrossesOnceEachWay() {
        var device = new MadeUpDevice(LARGE);
        try (Model model = open(ModelOptions.DEFAULTS.withGpuLayers(4), device);
                Session session = model.newSession()) {
            session.feed(1, 2, 3);
            session.feed(4);
            device.calls.clear();
            session.feed(5);
            assertThat(device.calls)
                    .startsWith("write", "pass", "rmsNorm")
                    .endsWith("select", "read");
            assertThat(Collections.frequency(device.calls, "write")).isEqualTo(1);
            assertThat(Collections.frequency(device.calls, "pass")).isEqualTo(1);
            assertThat(Collections.frequency(device.calls, "read")).isEqualTo(1);
            assertThat(Collections.frequency(device.calls, "attention")).isEqualTo(4);
        }
    }
}
