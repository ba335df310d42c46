package dev.jinrai.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.quantize.Mix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VariantsTest {
    @TempDir Path folder;

    /// Always encodes anew: the proof that our encoders, our mixes and our writer are llama.cpp's.
    @ParameterizedTest
    @EnumSource(names = {"Q8_0", "Q6_K", "Q5_K_M", "Q5_K_S", "Q4_K_M", "Q4_K_S", "Q4_0"})
    void everyVariantIsTheFileLlamaQuantizeMakes(Mix mix) {
        assertThat(Variants.demo(mix, folder))
                .satisfies(file ->
                        assertThat(Variants.sha256(file)).isEqualTo(Variants.SHA256.get(mix)));
    }

    @Test
    void keepsAFileAndReplacesOneWithOtherBytes() throws IOException {
        Path file = Variants.demo(Mix.Q4_0, folder);
        Object key = key(file);
        assertThat(key(Variants.demo(Mix.Q4_0, folder))).isEqualTo(key);

        Files.writeString(file, "an older encoder's");
        assertThat(Variants.demo(Mix.Q4_0, folder)).isEqualTo(file);
        assertThat(Variants.sha256(file)).isEqualTo(Variants.SHA256.get(Mix.Q4_0));
    }

    @Test
    void isFoundByNameUnderTheBuildFolder() {
        Path file = Variants.demo("Q4_0");
        assertThat(file).startsWith(Variants.root().resolve("core/target"));
        try (Gguf gguf = Gguf.open(file)) {
            assertThat(gguf.metadata().int32("general.file_type")).isEqualTo(2);
        }
    }

    private static Object key(Path file) throws IOException {
        return Files.getLastModifiedTime(file);
    }
}
