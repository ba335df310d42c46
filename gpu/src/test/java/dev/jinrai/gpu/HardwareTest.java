package dev.jinrai.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HardwareTest {
    @TempDir private Path dev;

    @Test
    void aMachineWithScreensAndWithoutAGpuHasNone() throws IOException {
        Files.createDirectories(dev.resolve("dri"));
        Files.createFile(dev.resolve("dri/card0"));
        Files.createFile(dev.resolve("null"));

        assertThat(Hardware.mayHaveGpu(dev)).isFalse();
        assertThat(Hardware.mayHaveGpu(dev.resolve("none"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dri/renderD128", "nvidia0", "dxg", "mali0", "kgsl-3d0"})
    void aDriversFileIsAGpu(String file) throws IOException {
        Files.createDirectories(dev.resolve(file).getParent());
        Files.createFile(dev.resolve(file));

        assertThat(Hardware.mayHaveGpu(dev)).isTrue();
    }
}
