package dev.jinrai.cli;

import static dev.jinrai.cli.Jinrai.jinrai;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdleTest {
    /// Threads wait for the next loop by spinning, but not for long. The first second after an answer is
    /// the JIT's, which finishes what it has begun.
    @ParameterizedTest
    @ValueSource(strings = {"2", "8"})
    void afterAnAnswerTheProcessIsQuiet(String threads) throws IOException, InterruptedException {
        Process process =
                jinrai("chat", "-i", "-b", "cpu", "-t", threads, "--temperature", "0")
                        .input("") // from a pipe
                        .start();
        try (var out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            process.getOutputStream().write("What is the capital of France?\n".getBytes(UTF_8));
            process.getOutputStream().flush();
            assertThat(out.readLine()).isEqualTo("The capital of France is Paris.");

            Thread.sleep(1000);
            Duration before = used(process);
            Thread.sleep(1000);
            assertThat(used(process).minus(before)).isLessThan(Duration.ofMillis(50));

            process.getOutputStream().close();
            assertThat(Jinrai.exitCode(process)).isZero();
        }
    }

    /// {@return the processor time of all threads so far}
    private static Duration used(Process process) {
        return process.info().totalCpuDuration().orElseThrow();
    }
}
