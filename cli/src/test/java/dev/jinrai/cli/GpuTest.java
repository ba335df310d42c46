package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.cli.Jinrai.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The program on a GPU, or on the program that plays one: processes, as a user starts them. Nobody but Jinrai writes to
/// standard error.
class GpuTest {
    private static final String TIMING = "prompt 5 tok .* generated 8 tok .*";

    private static String[] story(String... options) {
        List<String> arguments =
                new ArrayList<>(
                        List.of("run", "-p", "Once upon a time", "-n", "8", "--temperature", "0"));
        arguments.addAll(Arrays.asList(options));
        return arguments.toArray(String[]::new);
    }

    private static String told() {
        return Captured.run(story("-b", "cpu")).out();
    }

    /// {@return what the program says on standard error, without the one line that it says where a program plays the GPU}
    private static String said(Result result) {
        boolean played = jinrai("backends", "--json").run().out().contains("\"software\":true");
        String notice = "jinrai: '[^\n]*' is no GPU but a program that plays one; [^\n]*\n";
        assertThat(Pattern.compile(notice).matcher(result.err()).results().count())
                .as(result.err())
                .isEqualTo(played ? 1 : 0);
        return result.err().replaceFirst(notice, "");
    }

    @Test
    void tellsTheSameStoryAsTheProcessor() {
        Result result = jinrai(story("-b", "vulkan")).run();

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).isEqualTo(told());
        assertThat(said(result).lines()).hasSize(1);
        assertThat(result.err()).containsPattern(TIMING);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hybrid-f32", "auto"})
    void someLayersOnTheGpuTellTheSameStory(String name) {
        Result result = jinrai(story("-b", name, "--gpu-layers", "2", "--json")).run();

        assertThat(result.code()).as(result.err()).isZero();
        String said =
                switch (name) {
                    case "auto" -> "jinrai: using 'hybrid': 2 of 6 layers on .*, the rest on .*\n";
                    default -> "jinrai: backend 'hybrid-f32' means 'hybrid'\n";
                };
        assertThat(said(result)).matches(said);
        JsonNode answer = JsonMapper.shared().readTree(result.out());
        assertThat(answer.get("backend").asString()).isEqualTo("hybrid");
        assertThat(answer.get("text").asString()).isEqualTo(told().stripTrailing());
    }

    /// All of it, as many as there are.
    @Test
    void hybridTakesTheWholeGpuWhereAllFits() {
        Result result = jinrai(story("-b", "hybrid", "--device", "0", "--json")).run();

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode answer = JsonMapper.shared().readTree(result.out());
        assertThat(answer.get("backend").asString()).isEqualTo("vulkan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cuda", "opencl"})
    void anotherNameOfGpusMeansVulkan(String name) {
        Result result = jinrai(story("-b", name, "--device", "0", "--json")).run();

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(said(result)).isEqualTo("jinrai: backend '%s' means 'vulkan'\n".formatted(name));
        JsonNode answer = JsonMapper.shared().readTree(result.out());
        assertThat(answer.get("backend").asString()).isEqualTo("vulkan");
    }

    /// Where somebody names a device, `auto` is the backend that has it.
    @Test
    void aDeviceChoosesItsBackend() {
        Result result = jinrai(story("--device", "0", "--json")).run();

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode answer = JsonMapper.shared().readTree(result.out());
        assertThat(answer.get("backend").asString()).isEqualTo("vulkan");
    }

    @Test
    void aDeviceThatIsNotThereListsThoseThatAre() {
        Result result = jinrai(story("--device", "Voodoo 2")).run();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .matches("jinrai: device 'Voodoo 2' is not here \\(known: 0 .*\\)\n");
    }

    @Test
    void aContextBeyondTheDevicesMemoryIsOneLineBeforeAnythingIsLoaded() {
        Result result = jinrai(story("-b", "vulkan", "-c", "2000000000")).run();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.errLines()).hasSize(1);
        assertThat(result.err())
                .contains("keys and values of 2000000000 tokens", "or less fits", "--context");
    }

    @Test
    void withoutADriverTheBackendSaysWhatToInstall() {
        Result named =
                jinrai(story("-b", "vulkan"))
                        .environment("VK_DRIVER_FILES", "/no/driver.json")
                        .environment("VK_ICD_FILENAMES", "/no/driver.json")
                        .run();

        assertThat(named.code()).isEqualTo(1);
        assertThat(named.out()).isEmpty();
        assertThat(named.errLines()).hasSize(1);
        assertThat(named.err())
                .startsWith("jinrai: backend 'vulkan' is unavailable: the Vulkan loader finds no")
                .contains("install");
    }

    @Test
    void benchMeasuresIt() {
        Result result =
                jinrai(
                                "bench",
                                "-b",
                                "vulkan",
                                "-p",
                                "8",
                                "-n",
                                "2",
                                "-r",
                                "1",
                                "--warmup",
                                "0",
                                "--json")
                        .run();

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode rows = JsonMapper.shared().readTree(result.out());
        assertThat(rows.get(0).get("backend").asString()).isEqualTo("vulkan");
        assertThat(rows.get(0).get("read_bandwidth_bytes_per_second").isNull()).isTrue();
        assertThat(rows.get(1).get("tokens_per_second").asDouble()).isPositive();
    }

    @Test
    void theSelfTestPassesAndCanBeSentBack() {
        Result result = jinrai("selftest", "-b", "vulkan").run();

        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern("(?m)^vulkan, device 0: .+ \\(.+\\)$")
                .containsPattern("(?m)^  matmul Q4_K +\\d\\.\\de-\\d+ +1e-05 +ok +[0-9.]+$")
                .containsPattern("(?m)^  attention q8_0 +.* ok ")
                .containsPattern("(?m)^  demo model +.* ok ")
                .containsPattern("(?m)^  \\d+ checks, all ok$");
    }
}
