package dev.jinrai.backend.vector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.backend.Backends;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Without a fused multiply-add the vector kernels compute by way of `BigDecimal`: `auto` takes the specification then. Each
/// case in a JVM of its own.
class FmaTest {
    /// Prints what `auto` takes, and why nothing better.
    static final class Auto {
        private Auto() {}

        public static void main(String[] arguments) {
            System.out.println(Backends.best().name());
            Backends.passedOver().forEach(System.out::println);
        }
    }

    @Test
    void autoTakesVectorsWhereMultiplicationAndAdditionAreOneInstruction() throws Exception {
        assertThat(auto()).startsWith("cpu");
        assertThat(auto("-Xint")).startsWith("cpu"); // an interpreter's speed is no reason
    }

    @Test
    void autoTakesTheSpecificationWhereTheyAreNotAndSaysWhy() throws Exception {
        assertThat(auto("-XX:-UseFMA"))
                .startsWith("scalar")
                .contains("backend 'cpu' is unavailable: this processor has no fused multiply-add");
    }

    private static String auto(String... flags) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
        command.addAll(
                List.of(
                        "-cp",
                        place(VectorProvider.class)
                                + System.getProperty("path.separator")
                                + place(Auto.class)));
        command.add(Auto.class.getName());
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out;
    }

    private static Path place(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
