package dev.jinrai.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.jinrai.format.GgmlType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.GgufWriter;
import dev.jinrai.quantize.QuantizedFile.Importance;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizedFileTest {
    private static final Path DEMO =
            Goldens.folder().resolveSibling("demo").resolve("demo-f16.gguf");
    private static final Path IMATRIX = Goldens.file("demo/imatrix.gguf");

    @TempDir Path folder;

    /// Sums of what `llama-quantize --imatrix imatrix.gguf demo-f16.gguf OUT MIX` (llama.cpp 0.7.0) wrote.
    @ParameterizedTest
    @CsvSource({
        "Q4_0, 8a077236ea02b7d8ec6d2b042e4eff61b4236123143e233ddaac0a6e0a188aad",
        "Q4_K_M, 4067572920ceda4dcff2e97d830bad711a0572877e580da36eb28f5b7309af76",
    })
    void isLlamaQuantizesFileWithAnImportanceMatrix(Mix mix, String sum)
            throws IOException, NoSuchAlgorithmException {
        Path target = folder.resolve("model.gguf");
        List<String> seen = new ArrayList<>();
        try (Gguf gguf = Gguf.open(DEMO)) {
            var importance = new Importance("imatrix.gguf", Imatrix.read(IMATRIX));
            QuantizedFile file =
                    QuantizedFile.of(gguf, Recipe.of(mix), false, Optional.of(importance));
            assertThat(file.unknown()).isEmpty();
            file.write(
                    target,
                    2,
                    (index, step) -> {
                        assertThat(index).isEqualTo(seen.size());
                        seen.add(step.tensor().name());
                    });
        }
        assertThat(seen)
                .hasSize(57)
                .startsWith("output.weight", "output_norm.weight", "token_embd.weight");
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(target));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sum);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(target);
        }
    }

    @Test
    void theRecipeComesBeforeTheMix() {
        try (Gguf gguf = Gguf.open(DEMO)) {
            var recipe =
                    new Recipe(
                            Mix.Q4_K_M,
                            false,
                            true,
                            Optional.of(GgmlType.Q8_0),
                            Optional.empty(),
                            List.of(
                                    override("blk.0.ffn_down", GgmlType.Q4_0),
                                    override("ffn_down", GgmlType.Q5_K)));
            QuantizedFile file = QuantizedFile.of(gguf, recipe, false, Optional.empty());

            assertThat(type(file, "output.weight")).isEqualTo(GgmlType.F16);
            assertThat(type(file, "token_embd.weight")).isEqualTo(GgmlType.Q8_0);
            assertThat(type(file, "blk.0.ffn_down.weight")).isEqualTo(GgmlType.Q4_0);
            assertThat(type(file, "blk.5.ffn_down.weight")).isEqualTo(GgmlType.Q5_K);
            assertThat(type(file, "blk.5.attn_v.weight")).isEqualTo(GgmlType.Q6_K);
            assertThat(type(file, "blk.5.attn_norm.weight")).isEqualTo(GgmlType.F32);
        }
    }

    @Test
    void pureTakesOneTypeForAll() {
        try (Gguf gguf = Gguf.open(DEMO)) {
            var recipe =
                    new Recipe(
                            Mix.Q4_K_M, true, false, Optional.empty(), Optional.empty(), List.of());
            QuantizedFile file = QuantizedFile.of(gguf, recipe, false, Optional.empty());

            assertThat(file.steps().stream().map(QuantizedFile.Step::type).distinct())
                    .containsExactlyInAnyOrder(GgmlType.Q4_K, GgmlType.F32);
        }
    }

    @Test
    void refusesBeforeItWrites() {
        Path eight = Goldens.folder().resolveSibling("demo").resolve("demo-Q8_0.gguf");
        refuses(eight, Recipe.of(Mix.Q4_0), "output.weight is Q8_0 already: ");
        refuses(DEMO, recipe(override("nope", GgmlType.Q4_0)), "no tensor has 'nope' in its name");
        refuses(
                DEMO,
                recipe(override("attn_q", GgmlType.IQ1_S)),
                "blk.0.attn_q.weight, from F16 to IQ1_S: ");
        refuses(DEMO, Recipe.of(Mix.Q2_K_S), "blk.0.attn_k.weight: as Q2_K it is noise without");
    }

    @Test
    void leavesNothingWhereAWeightIsNotFinite() throws IOException {
        Path bad = folder.resolve("bad.gguf");
        float[] weights = new float[64];
        weights[40] = Float.NaN;
        new GgufWriter()
                .string("general.architecture", "llama")
                .uint32("llama.block_count", 1)
                .uint32("llama.attention.head_count", 1)
                .tensor("output.weight", List.of(32L, 2L), weights)
                .write(bad);
        Path target = folder.resolve("out.gguf");
        try (Gguf gguf = Gguf.open(bad)) {
            var file = QuantizedFile.of(gguf, Recipe.of(Mix.Q8_0), false, Optional.empty());
            assertThatExceptionOfType(QuantizationException.class)
                    .isThrownBy(() -> file.write(target, 1, (_, _) -> {}))
                    .withMessage("output.weight: row 1, column 8 is NaN, wanted a finite weight");
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(bad);
        }
    }

    @Test
    void aDiskWithoutRoomIsSaidBeforeTheWork() {
        var writer =
                new GgufWriter()
                        .tensor(
                                "t",
                                GgmlType.F32,
                                List.of(1L << 50),
                                () -> {
                                    throw new AssertionError("nothing is to be made");
                                });
        Path target = folder.resolve("huge.gguf");
        assertThatExceptionOfType(GgufException.class)
                .isThrownBy(() -> writer.write(target))
                .withMessageStartingWith(
                        target + ": cannot be written: it takes 4503599627370560 bytes, the disk");
    }

    private static Recipe recipe(Recipe.TypeOverride override) {
        return new Recipe(
                Mix.Q4_0, false, false, Optional.empty(), Optional.empty(), List.of(override));
    }

    private static Recipe.TypeOverride override(String pattern, GgmlType type) {
        return new Recipe.TypeOverride(Pattern.compile(pattern), type);
    }

    private static GgmlType type(QuantizedFile file, String name) {
        return file.steps().stream()
                .filter(step -> step.tensor().name().equals(name))
                .findFirst()
                .orElseThrow()
                .type();
    }

    private static void refuses(Path source, Recipe recipe, String problem) {
        try (Gguf gguf = Gguf.open(source)) {
            assertThatExceptionOfType(QuantizationException.class)
                    .isThrownBy(() -> QuantizedFile.of(gguf, recipe, false, Optional.empty()))
                    .withMessageStartingWith(problem);
        }
    }
}
