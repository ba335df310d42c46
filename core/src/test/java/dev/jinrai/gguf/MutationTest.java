package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `-Djinrai.fuzz=N` asks for more mutants, `-Djinrai.fuzz.seed=S` for others.
class MutationTest {
    @TempDir Path folder;

    @Test
    void damagedHeadersOpenOrAreRefusedInLittleTimeAndMemory() throws Exception {
        long count = Long.getLong("jinrai.fuzz", 20_000);
        long seed = Long.getLong("jinrai.fuzz.seed", 1);
        Path out = folder.resolve("out.txt");
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx96m", // too small for what damaged counts ask for
                                "-Xss256k",
                                "-Djinrai.goldens=" + Goldens.folder(),
                                "-cp",
                                place(Gguf.class)
                                        + System.getProperty("path.separator")
                                        + place(Mutants.class),
                                Mutants.class.getName(),
                                folder.resolve("mutant.gguf").toString(),
                                Long.toString(seed),
                                Long.toString(count))
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        // A mutant takes a tenth of a millisecond; the rest is for slow disks and full machines.
        boolean ended = process.waitFor(60 + count / 200, TimeUnit.SECONDS);
        process.destroyForcibly();
        String output = Files.readString(out);
        System.out.print(output);
        assertThat(ended).as("ended in time: %s", output).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
    }

    private static Path place(Class<?> type) throws URISyntaxException, IOException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
