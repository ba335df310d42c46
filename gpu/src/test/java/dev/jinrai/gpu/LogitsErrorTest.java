package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.testing.GoldenRun;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Variants;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How far logits on the GPU are from the specification's: every golden model, each format of weights, and each KV type, with a kernel
/// a verb and with packed dot products. A prompt in one pass, then a token a pass. Prints docs/gpu.md's table.
class LogitsErrorTest {
    /// What is asked of a GPU: a hundredth of the largest logit. What is reached is in the table.
    private static final double BOUND = 0.01;

    private static final List<String> GPUS = List.of(PlainProvider.NAME, PackedProvider.NAME);
    private static final StringBuilder TABLE = new StringBuilder();

    static Stream<String> models() {
        return Stream.of(
                "llama",
                "llama3",
                "llama_yarn",
                "llama_moe",
                "llama-F16",
                "llama-BF16",
                "llama_q-Q8_0",
                "llama_q-Q6_K",
                "llama_q-Q5_K_M",
                "llama_q-Q4_K_M",
                "llama_q-Q4_0",
                "llama_q-Q2_K",
                "llama_q-Q3_K_M",
                "llama_q-IQ4_XS");
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsAreTheSpecificationsWithinAHundredth(String name) {
        boolean made = name.contains("-");
        Path file = made ? Variants.file(name) : Goldens.file("models/" + name + ".gguf");
        Path golden = Goldens.file("models/" + name + (made ? ".exact" : "") + ".golden.gguf");
        TABLE.append("| ").append(name);
        try (GoldenRun run = new GoldenRun(golden)) {
            for (KvType type : KvType.values()) {
                if (type == KvType.Q8_0 && name.equals("llama_moe")) {
                    TABLE.append(" | no | no"); // its heads are 48 long, which no backend takes
                    continue;
                }
                List<float[]> expected = logits(file, "scalar", type, run);
                for (String gpu : GPUS) {
                    double error = error(logits(file, gpu, type, run), expected);
                    TABLE.append(String.format(Locale.ROOT, " | %.1e", error));
                    assertThat(error)
                            .as("%s, keys and values in %s, %s", name, type.label(), gpu)
                            .isLessThan(BOUND);
                }
            }
        } finally {
            TABLE.append(" |\n");
        }
    }

    @AfterAll
    static void print() {
        System.out.print("|");
        for (KvType type : KvType.values()) {
            for (String gpu : GPUS) {
                System.out.printf(" | %s %s", type.label(), gpu);
            }
        }
        System.out.printf(" |%n%s", TABLE);
    }

    /// {@return the logits after each token of the prompt and of llama.cpp's answer}
    private static List<float[]> logits(Path file, String backend, KvType type, GoldenRun run) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withThreads(2).withKvType(type);
        List<float[]> all = new ArrayList<>();
        try (Model model = Model.open(file, options);
                Session session = model.newSession()) {
            session.feed(run.tokens(), (_, row) -> all.add(row.clone()));
            for (int id : run.greedy()) {
                all.add(session.feed(id).clone());
            }
        }
        return all;
    }

    /// {@return the largest difference after a token, as a part of the largest of the logits there}
    private static double error(List<float[]> actual, List<float[]> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double worst = 0;
        for (int t = 0; t < actual.size(); t++) {
            double difference = 0;
            double largest = 0;
            for (int i = 0; i < expected.get(t).length; i++) {
                // Math.max keeps a NaN, which no bound accepts.
                difference =
                        Math.max(
                                difference,
                                Math.abs((double) actual.get(t)[i] - expected.get(t)[i]));
                largest = Math.max(largest, Math.abs(expected.get(t)[i]));
            }
            worst = Math.max(worst, difference / largest);
        }
        return worst;
    }
}
