package dev.jinrai.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VariantsTest {
    @TempDir Path folder;

    /// Always made anew: the proof that our encoders, mixes and GGUF writer are llama.cpp's.
    @ParameterizedTest
    @MethodSource("dev.jinrai.testing.Variants#names")
    void everyVariantIsTheFileLlamaQuantizeMakes(String name) {
        assertThat(Variants.file(name, folder)).isRegularFile(); // or it had thrown
    }

    @Test
    void keepsAFileAndReplacesOneWithOtherBytes() throws IOException {
        FileTime old = FileTime.fromMillis(0);
        Path file = Variants.file("llama-F16", folder);
        String sum = Variants.sha256(file);
        Files.setLastModifiedTime(file, old);
        assertThat(Variants.file("llama-F16", folder)).isEqualTo(file);
        assertThat(Files.getLastModifiedTime(file)).isEqualTo(old);

        Files.writeString(file, "an older encoder's");
        assertThat(Variants.file("llama-F16", folder)).isEqualTo(file);
        assertThat(Variants.sha256(file)).isEqualTo(sum);
    }

    @Test
    void demoVariantsAreFoundByTheNameOfTheirMix() {
        assertThat(Variants.demo("Q4_0")).isEqualTo(Variants.file("demo-Q4_0"));
    }

    @Test
    void aNameThatIsNotRecordedIsAnError() {
        assertThatThrownBy(() -> Variants.demo("F16"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no variant 'demo-F16' (known: demo-Q4_0, demo-Q4_K_M, ");
    }
}
