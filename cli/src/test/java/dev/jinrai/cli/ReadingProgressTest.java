package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadingProgressTest {
    private static final Path MODEL = Path.of("models", "tiny.gguf");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void aSlowReadIsALineThatIsWipedInTheEnd() throws InterruptedException {
        try (var progress = open(true)) {
            progress.read(1 << 20, 4 << 20);
            assertThat(err.toString(UTF_8)).isEmpty();
            Thread.sleep(510);
            progress.read(2 << 20, 4 << 20);
            progress.read(3 << 20, 4 << 20); // too soon to draw again
        }

        assertThat(err.toString(UTF_8))
                .isEqualTo("\r\033[Kreading tiny.gguf: 50% of 4.0 MiB\r\033[K");
    }

    @Test
    void whatIsNoTerminalSeesNothing() throws InterruptedException {
        try (var progress = open(false)) {
            Thread.sleep(510);
            progress.read(2 << 20, 4 << 20);
        }

        assertThat(err.toString(UTF_8)).isEmpty();
    }

    @Test
    void aModelThatDoesNotFitIsSaidTo() {
        try (var progress = open(false)) {
            progress.tooLarge(4L << 30, 3L << 30);
        }

        assertThat(err.toString(UTF_8))
                .isEqualTo(
                        "jinrai: models/tiny.gguf: its weights are 4.0 GiB and 3.0 GiB of memory"
                                + " are available: what does not fit is read from disk when it is"
                                + " needed, which is slow\n");
    }

    private ReadingProgress open(boolean terminal) {
        return new ReadingProgress(
                MODEL, new Messages(new PrintStream(err, true, UTF_8), terminal));
    }
}
