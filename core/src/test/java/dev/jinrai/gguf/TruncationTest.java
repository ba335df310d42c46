package dev.jinrai.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TruncationTest {
    @TempDir Path folder;

    @Test
    void aFileCutAnywhereIsRefused() throws IOException {
        Path golden = Goldens.file("quants/Q4_0.gguf");
        Path file = Files.copy(golden, folder.resolve("cut.gguf"));
        long end = 0;
        try (Gguf gguf = Gguf.open(golden)) {
            for (TensorInfo tensor : gguf.tensors()) {
                end = Math.max(end, tensor.offset() + tensor.byteSize());
            }
        }
        try (var raw = new RandomAccessFile(file.toFile(), "rw")) {
            raw.setLength(end); // the padding after the last tensor may be missing
            assertThatCode(() -> Gguf.open(file).close()).doesNotThrowAnyException();
            for (long length = end - 1; length >= 0; length--) {
                raw.setLength(length);
                assertThat(catchThrowable(() -> Gguf.open(file)))
                        .as("cut to %d bytes", length)
                        .isExactlyInstanceOf(GgufException.class)
                        .hasMessageStartingWith(file.toString());
            }
        }
    }
}
