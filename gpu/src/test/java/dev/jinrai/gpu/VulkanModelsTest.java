package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.DeviceMemoryException;
import dev.jinrai.backend.KvType;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole models on the GPU say what they say in llama.cpp.
class VulkanModelsTest {
    /// Sums of f32 on every side, in other orders: that of the CPU's backends.
    private static final double NMSE = 1e-10;

    private static final double MAX_ABS = 3e-4;

    private static ModelOptions options(KvType type) {
        return ModelOptions.DEFAULTS.withBackend("vulkan").withKvType(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3", "llama_yarn", "llama_moe"})
    void logitsAndGreedyTextAreLlamaCpps(String name) {
        try (Model model =
                        Model.open(Goldens.file("models/" + name + ".gguf"), options(KvType.F32));
                Session session = model.newSession();
                GoldenRun golden = new GoldenRun(Goldens.file("models/" + name + ".golden.gguf"))) {
            int vocabulary = session.vocabularySize();
            float[] expected = golden.floats("logits");

            List<float[]> rows = new ArrayList<>();
            session.feed(golden.tokens(), (_, row) -> rows.add(row.clone()));
            float[] all = new float[expected.length];
            for (int i = 0; i < rows.size(); i++) {
                System.arraycopy(rows.get(i), 0, all, i * vocabulary, vocabulary);
            }
            Nmse ofPrompt = Nmse.of(all, expected);
            ofPrompt.isWithin(NMSE, MAX_ABS, name + ": logits of the prompt");

            double worst =
                    Math.max(
                            ofPrompt.nmse(),
                            GoldenModels.answersLike(
                                    golden, session, rows.getLast(), NMSE, MAX_ABS));
            System.out.printf(
                    "%s on %s: NMSE of logits %.1e%n", name, model.backend().device(), worst);
        }
    }

    @Test
    void theDemoModelBeginsItsStory() {
        GoldenModels.tellsItsStory(options(KvType.F16), 64);
    }

    @Test
    void aContextThatTheDeviceCannotHoldIsRefusedBeforeAnythingIsLoaded() {
        var options = ModelOptions.DEFAULTS.withBackend("vulkan").withContext(Integer.MAX_VALUE);
        assertThatThrownBy(() -> Model.open(GoldenModels.DEMO, options))
                .isInstanceOf(DeviceMemoryException.class)
                .hasMessageMatching(
                        ".*demo-Q8_0\\.gguf: \\d+ MiB of the memory of '.*' are needed \\(\\d+ MiB"
                            + " for weights, \\d+ MiB for keys and values of 2147483647 tokens,"
                            + " \\d+ MiB to compute with\\) and \\d+ MiB are free; a context of"
                            + " \\d+ or less fits, (\\d of 6 layers fit with the backend hybrid,"
                            + " )?the backend cpu needs no memory of a GPU");
    }
}
