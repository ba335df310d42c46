package dev.jinrai.gpu;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Variants;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whole models by packed dot products say what they say in llama.cpp, which did not quantize activations at all.
class PackedModelsTest {
    /// Activations of sixteen bits, as in [FusionTest]; 6e-9 to 1.2e-8 where it was measured.
    private static final double NMSE = 5e-8;

    private static ModelOptions options(KvType type) {
        return ModelOptions.DEFAULTS.withBackend(PackedProvider.NAME).withKvType(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama_q-Q8_0",
                "llama_q-Q4_0",
                "llama_q-Q4_K_M",
                "llama_q-Q5_K_M",
                "llama_q-Q6_K",
                "llama_q-Q2_K",
                "llama_q-Q3_K_M",
                "llama_q-IQ4_XS"
            })
    void greedyTextAndItsLogitsAreLlamaCpps(String name) {
        try (Model model = Model.open(Variants.file(name), options(KvType.F32));
                Session session = model.newSession();
                GoldenRun golden =
                        new GoldenRun(Goldens.file("models/" + name + ".exact.golden.gguf"))) {
            float[] logits = session.feed(golden.tokens());
            double worst =
                    GoldenModels.answersLike(
                            golden, session, logits, NMSE, Double.POSITIVE_INFINITY);
            System.out.printf("%s packed: NMSE of logits %.1e%n", name, worst);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F16", "Q8_0"})
    void theDemoModelTellsItsStory(KvType type) {
        int length = type == KvType.F16 ? 64 : 12; // keys of 8 bits change it sooner or later
        GoldenModels.tellsItsStory(options(type), length);
    }
}
