package dev.jinrai.gpu.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// [Program] as a user would start it: the module on the module path, with the one flag that the module asks for. Whatever happens, nobody
/// but the program prints.
class ProcessTest {
    @TempDir private Path folder;

    private Path out() {
        return folder.resolve("out");
    }

    private Path err() {
        return folder.resolve("err");
    }

    private Process start(Map<String, String> environment, String what, String... flags)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("--module-path", modules()));
        Path tests = Path.of("target", "test-classes").toAbsolutePath();
        command.addAll(List.of("--class-path", tests.toString()));
        command.addAll(List.of("--add-modules", "dev.jinrai.gpu"));
        command.add("--enable-native-access=org.lwjgl,dev.jinrai.gpu");
        command.addAll(List.of(flags));
        command.addAll(List.of(Program.class.getName(), what));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        builder.redirectOutput(out().toFile()).redirectError(err().toFile());
        return builder.start();
    }

    /// {@return of this JVM's class path what a user has}
    private static String modules() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(place -> {
                    String name = Path.of(place).getFileName().toString();
                    return name.equals("classes")
                            || name.startsWith("jinrai-core")
                            || (name.startsWith("lwjgl") && !name.contains("shaderc"));
                })
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void ended(Process process, int code) throws Exception {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(Files.readString(err(), StandardCharsets.UTF_8)).isEmpty();
        assertThat(process.exitValue()).as(Files.readString(out())).isEqualTo(code);
    }

    @Test
    void aProbePrintsNothing() throws Exception {
        ended(start(Map.of(), "probe"), 0);
        assertThat(out()).hasContent("available");
    }

    @Test
    void aMissingLoaderIsOneSentenceAndNothingIsUnpacked() throws Exception {
        Process process =
                start(
                        Map.of(),
                        "probe",
                        "-Dorg.lwjgl.vulkan.libname=libnonesuch.so.1",
                        "-Djava.io.tmpdir=" + folder);
        ended(process, 0);
        assertThat(Files.readString(out()))
                .matches("libvulkan\\.so\\.1 is missing; install the package libvulkan1 .*\\R");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactlyInAnyOrder(out(), err());
        }
    }

    @Test
    void aMissingDriverIsOneSentence() throws Exception {
        String none = folder.resolve("none.json").toString();
        ended(start(Map.of("VK_DRIVER_FILES", none, "VK_ICD_FILENAMES", none), "probe"), 0);
        assertThat(Files.readString(out()))
                .matches("the Vulkan loader finds no device; install the GPU's driver .*\\R");
    }

    @Test
    void aDeviceThatIsNotClosedIsClosedAtTheEnd() throws Exception {
        ended(start(Map.of(), "leave"), 7);
        assertThat(out()).hasContent("done");
    }

    @Test
    void anotherThreadThanTheOneThatOpenedADeviceMayCloseIt() throws Exception {
        ended(start(Map.of(), "elsewhere"), 0);
        assertThat(out()).hasContent("closed");
    }

    @Test
    void anInterruptInTheMiddleOfWorkEndsQuietly() throws Exception {
        Process process = start(Map.of(), "work");
        while (process.isAlive() && !Files.readString(out()).startsWith("working")) {
            Thread.sleep(20);
        }
        Thread.sleep(100);
        process.destroy(); // SIGTERM
        ended(process, 128 + 15);
    }
}
