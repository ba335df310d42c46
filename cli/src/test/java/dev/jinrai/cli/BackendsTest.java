package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.cli.Jinrai.Result;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BackendsTest {
    @Test
    void listsWhatRunsAndWhyTheRestDoesNot() {
        Result result = jinrai("backends").run();

        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .containsPattern("(?m)^  cpu +available +\\d+-bit vectors; .* of memory$")
                .containsPattern("(?m)^  scalar +available ")
                .containsPattern(
                        "(?m)^  vulkan +available +device 0: .+ \\(.+, Vulkan 1\\.\\d\\); .* of"
                                + " memory, .* free")
                .containsPattern("(?m)^  hybrid +available +.+, and the CPU; .* of memory")
                .containsPattern("(?m)^  metal +unavailable +Metal is on Macs only; ")
                .containsPattern("(?m)^  cuda +alias +means 'vulkan'$")
                .containsPattern("(?m)^  coreml +unavailable +Jinrai has no Core ML backend$");
    }

    @Test
    void listsThemForPrograms() {
        JsonNode list = JsonMapper.shared().readTree(Captured.run("backends", "--json").out());

        assertThat(list.valueStream().map(b -> b.get("name").asString()))
                .containsExactly(
                        "cpu",
                        "scalar",
                        "vulkan",
                        "metal",
                        "hybrid",
                        "hybrid-f32",
                        "cuda",
                        "opencl",
                        "coreml");
        assertThat(list.get(6).get("alias_of").asString()).isEqualTo("vulkan");
        assertThat(list.get(6).get("available").asBoolean()).isTrue();
        for (JsonNode backend : list) {
            if (backend.has("alias_of")) {
                continue;
            }
            assertThat(backend.has(backend.get("available").asBoolean() ? "device" : "reason"))
                    .as("%s", backend)
                    .isTrue();
        }
        JsonNode device = list.get(2).get("devices").get(0);
        assertThat(device.get("index").asInt()).isZero();
        assertThat(device.get("memory_bytes").asLong()).isPositive();
        assertThat(device.get("available").asBoolean()).isTrue();
    }

    @Test
    void fallsBackWithOneSentence() {
        String[] arguments = {"run", "-p", "Once upon a time", "-n", "2", "--temperature", "0"};
        Result result = jinrai(arguments).onClassPath().run();

        assertThat(result.code()).isZero();
        assertThat(result.errLines()).hasSize(2);
        assertThat(result.errLines().getFirst())
                .isEqualTo(
                        "jinrai: backend 'cpu' is unavailable (jdk.incubator.vector is not"
                                + " resolved; add --add-modules jdk.incubator.vector to the java"
                                + " command): using 'scalar', which is slow");
    }

    @Test
    void aBackendNamedIsThatBackendOrAnError() {
        Result result = jinrai("run", "-p", "x", "-b", "cpu").onClassPath().run();

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo(
                        "jinrai: backend 'cpu' is unavailable: jdk.incubator.vector is not"
                                + " resolved; add --add-modules jdk.incubator.vector to the java"
                                + " command\n");
    }

    @Test
    void theEnvironmentNamesOneToo() {
        var environment = Map.of("JINRAI_BACKEND", "scalar");
        Captured named =
                Captured.run(environment, "", false, "run", "-p", "x", "-n", "1", "--json");
        Captured overruled =
                Captured.run(environment, "", false, "run", "-p", "x", "-n", "1", "-b", "coreml");

        assertThat(JsonMapper.shared().readTree(named.out()).get("backend").asString())
                .isEqualTo("scalar");
        assertThat(overruled.code()).isEqualTo(1);
    }
}
