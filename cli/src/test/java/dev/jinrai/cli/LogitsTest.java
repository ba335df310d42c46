package dev.jinrai.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class LogitsTest {
    /// What a golden holds besides one run over its prompt.
    private static final Set<String> CONTINUATION = Set.of("greedy", "greedy_logits");

    @TempDir Path folder;

    /// Every tensor of llama.cpp's file is in ours, with its name, its shape and its values.
    @ParameterizedTest
    @CsvSource({"llama, cpu", "llama, scalar", "llama_moe, cpu", "llama_yarn, scalar"})
    void writesWhatLlamaCppComputes(String model, String backend) {
        Path out = folder.resolve("ours.gguf");
        try (Gguf golden = open("goldens/models/%s.golden.gguf".formatted(model))) {
            String ids =
                    Arrays.stream(integers(golden, "tokens"))
                            .mapToObj(i -> "" + i)
                            .collect(Collectors.joining(","));
            Captured result =
                    Captured.run(
                            "logits",
                            "-m",
                            Repository.file("goldens/models/%s.gguf".formatted(model)),
                            "-b",
                            backend,
                            "--kv-type",
                            "f32",
                            "--tokens",
                            ids,
                            "--all-tensors",
                            "--out",
                            out.toString());
            assertThat(result).isEqualTo(new Captured(0, "", ""));

            try (Gguf ours = Gguf.open(out)) {
                assertThat(names(ours)).containsAll(names(golden));
                for (TensorInfo expected : golden.tensors()) {
                    if (!CONTINUATION.contains(expected.name())) {
                        compare(golden, ours, expected);
                    }
                }
            }
        }
    }

    private static void compare(Gguf golden, Gguf ours, TensorInfo expected) {
        String name = expected.name();
        TensorInfo actual = ours.tensor(name).orElseThrow();
        assertThat(actual.shape()).as(name).isEqualTo(expected.shape());
        assertThat(actual.type()).as(name).isEqualTo(expected.type());
        if (expected.type() == GgmlType.I32) {
            assertThat(integers(ours, name)).as(name).isEqualTo(integers(golden, name));
            return;
        }
        float[] a = floats(ours, name);
        float[] b = floats(golden, name);
        double error = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            error += Math.pow((double) a[i] - b[i], 2);
            size += (double) b[i] * b[i];
        }
        // The bound of goldens/README.md for single precision.
        assertThat(error / size).as("NMSE of " + name).isLessThan(1e-10);
    }

    @Test
    void withoutIntermediatesItWritesIdsAndLogits() {
        Path out = folder.resolve("two.gguf");
        Captured.run("logits", "--tokens", "1,516", "-b", "scalar", "--out", out.toString());

        try (Gguf ours = Gguf.open(out)) {
            assertThat(names(ours)).containsExactlyInAnyOrder("tokens", "logits");
            assertThat(ours.tensor("logits").orElseThrow().shape()).isEqualTo(List.of(4096L, 2L));
            assertThat(ours.metadata().string("jinrai.backend")).isEqualTo("scalar");
        }
    }

    @Test
    void showsTheTenHighestOfEachPosition() {
        Captured result = Captured.run("logits", "--tokens", "1,516", "-b", "scalar");

        assertThat(result.out().lines()).hasSize(22);
        assertThat(result.out())
                .startsWith("position 0, token 1 '<s>'\n")
                .contains("\nposition 1, token 516 ' Once'\n")
                .containsPattern("\n   515 +[0-9.]+ +' upon'\n");
        JsonNode json =
                JsonMapper.shared()
                        .readTree(
                                Captured.run(
                                                "logits",
                                                "--tokens",
                                                "1,516",
                                                "-b",
                                                "scalar",
                                                "--json")
                                        .out());
        JsonNode top = json.at("/positions/1/top");
        assertThat(top.size()).isEqualTo(10);
        assertThat(top.get(0).get("id").asInt()).isEqualTo(515);
        assertThat(top.valueStream().map(t -> t.get("logit").asDouble()).toList())
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }

    @Test
    void saysWhyIdsHaveNoText() {
        String model = UnreadVocabulary.in(folder);
        Captured shown = Captured.run("logits", "-m", model, "--tokens", "5", "-b", "scalar");
        Captured json =
                Captured.run("logits", "-m", model, "--tokens", "5", "-b", "scalar", "--json");

        assertThat(shown.err())
                .startsWith("jinrai: the ids have no text: pre-tokenizer 'unheard-of'");
        assertThat(shown.out()).startsWith("position 0, token 5 \n");
        assertThat(json.err()).isEmpty(); // it has no text anyway
    }

    @Test
    void aLongRunIsWrittenInOrder() {
        // More tokens than a pass takes when all logits are wanted.
        String ids = "1" + ",516,515,259,414".repeat(20);
        Path all = folder.resolve("all.gguf");
        Path few = folder.resolve("few.gguf");
        Captured.run(
                "logits",
                "--tokens",
                ids,
                "-b",
                "scalar",
                "--all-tensors",
                "--out",
                all.toString());
        Captured.run(
                "logits",
                "--tokens",
                "1,516,515",
                "-b",
                "scalar",
                "--all-tensors",
                "--out",
                few.toString());

        try (Gguf long81 = Gguf.open(all);
                Gguf short3 = Gguf.open(few)) {
            for (TensorInfo tensor : short3.tensors()) {
                TensorInfo whole = long81.tensor(tensor.name()).orElseThrow();
                assertThat(whole.shape().getLast()).as(tensor.name()).isEqualTo(81);
                int start = integersOf(short3, tensor).length;
                assertThat(Arrays.copyOf(integersOf(long81, whole), start))
                        .as(tensor.name())
                        .isEqualTo(integersOf(short3, tensor));
            }
        }
    }

    private static Gguf open(String path) {
        return Gguf.open(Path.of(Repository.file(path)));
    }

    private static List<String> names(Gguf gguf) {
        return gguf.tensors().stream()
                .map(TensorInfo::name)
                .filter(name -> !CONTINUATION.contains(name))
                .toList();
    }

    private static int[] integers(Gguf gguf, String name) {
        return integersOf(gguf, gguf.tensor(name).orElseThrow());
    }

    /// The bits, four bytes each.
    private static int[] integersOf(Gguf gguf, TensorInfo tensor) {
        return gguf.data(tensor).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    private static float[] floats(Gguf gguf, String name) {
        return gguf.data(gguf.tensor(name).orElseThrow()).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
}
