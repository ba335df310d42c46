package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.cli.Jinrai.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// What [VectorModule] takes from the JDK beside its public API: another JDK may lack it.
class VectorModuleTest {
    @Test
    void theJvmSaysNothingAboutAnIncubator() {
        Result result =
                jinrai("run", "-p", "Once", "-n", "1", "-b", "cpu", "--temperature", "0").run();

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.errLines()).singleElement().asString().startsWith("prompt ");
    }

    @Test
    void theLauncherGivesTheFlagsThatTheseTestsGive() throws IOException {
        String launcher = Files.readString(Repository.root().resolve("jinrai"), UTF_8);

        assertThat(launcher).contains(Jinrai.VECTORS);
    }

    @Test
    void theJvmKnowsTheFlags() throws IOException {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Jinrai.VECTORS.subList(0, 2));
        command.add("-XX:+PrintFlagsFinal");
        command.add("-version");
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String flags = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(Jinrai.exitCode(process)).isZero();
        assertThat(flags).containsPattern("bool EnableVectorSupport += true ");
    }

    @Test
    void theJdkLoadsModulesOnRequest() throws ReflectiveOperationException {
        assertThat(
                        Class.forName("jdk.internal.module.Modules")
                                .getMethod("loadModule", String.class)
                                .getReturnType())
                .isEqualTo(Module.class);
    }
}
