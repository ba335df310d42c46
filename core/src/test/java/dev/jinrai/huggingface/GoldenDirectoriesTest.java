package dev.jinrai.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.jinrai.Model;
import dev.jinrai.ModelOptions;
import dev.jinrai.Session;
import dev.jinrai.backend.KvType;
import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.TensorInfo;
import dev.jinrai.json.Json;
import dev.jinrai.json.JsonNode;
import dev.jinrai.safetensors.Shards;
import dev.jinrai.safetensors.TensorEntry;
import dev.jinrai.testing.Goldens;
import dev.jinrai.testing.Nmse;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories are run, and converted, to the logits and the greedy ids of `transformers` in float64.
class GoldenDirectoriesTest {
    private static final List<String> MODELS =
            List.of("llama", "llama3", "mistral", "mixtral", "fp8-block", "fp8-tensor");

    @TempDir private Path folder;

    static Stream<Path> directories() {
        return MODELS.stream().map(GoldenDirectoriesTest::directory);
    }

    private static Path directory(String name) {
        return Goldens.file("huggingface/" + name + "/config.json").getParent();
    }

    /// What `transformers` computes.
    private record Expected(int[] tokens, int[] greedy, float[] logits) {
        static Expected read(Path directory, String name) throws IOException {
            JsonNode root = Json.read(directory.resolve(name + ".json"));
            var bytes = ByteBuffer.wrap(Files.readAllBytes(directory.resolve(name + ".f32")));
            float[] logits = new float[bytes.remaining() / Float.BYTES];
            bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(logits);
            return new Expected(ints(root.get("tokens")), ints(root.get("greedy")), logits);
        }

        private static int[] ints(JsonNode list) {
            return list.items().stream().mapToInt(id -> id.whole(0, 1 << 20)).toArray();
        }
    }

    private static void check(Path model, Expected expected, String backend) {
        var options = ModelOptions.DEFAULTS.withBackend(backend).withThreads(2);
        try (Model opened = Model.open(model, options.withKvType(KvType.F32));
                Session session = opened.newSession()) {
            float[] logits = new float[expected.logits.length];
            session.feed(
                    expected.tokens,
                    (index, row) ->
                            System.arraycopy(row, 0, logits, index * row.length, row.length));
            Nmse.of(logits, expected.logits)
                    .isWithin(NMSE, MAX_ABS, model + " on " + backend);
            int[] greedy = new int[expected.greedy.length];
            int rows = expected.tokens.length;
            float[] last =
                    Arrays.copyOfRange(
                            logits, logits.length / rows * (rows - 1), logits.length);
            for (int i = 0; i < greedy.length; i++) {
                for (int id = 1; id < last.length; id++) {
                    greedy[i] = last[id] > last[greedy[i]] ? id : greedy[i];
                }
                last = session.feed(greedy[i]);
            }
            assertThat(greedy).containsExactly(expected.greedy);
        }
    }

    // As for llama.cpp's goldens: ten to a hundred times what another order of summation makes.
    private static final double NMSE = 1e-10;
    private static final double MAX_ABS = 3e-4;

    @ParameterizedTest
    @MethodSource("directories")
    void runsADirectoryAsTransformersDoes(Path directory) throws IOException {
        var expected = Expected.read(directory, "golden");
        check(directory, expected, "scalar");
        check(directory, expected, "cpu");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"linear", "llama3", "yarn", "yarn-factor", "yarn-mscale", "dynamic"})
    void scalesPositionsAsTransformersDoes(String variant) throws IOException {
        Path source = directory("llama");
        Path copy = copy(source);
        Files.copy(
                source.resolve("variants/" + variant + ".config.json"),
                copy.resolve("config.json"),
                StandardCopyOption.REPLACE_EXISTING);
        var expected = Expected.read(source.resolve("variants"), variant);
        check(copy, expected, "scalar");
        Path converted = folder.resolve("converted.gguf");
        convert(copy, converted, Conversion.Type.F32);
        check(converted, expected, "scalar");
    }

    private Path copy(Path source) throws IOException {
        Path copy = Files.createDirectory(folder.resolve("copy"));
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private static Conversion convert(Path directory, Path file, Conversion.Type type) {
        try (var checkpoint = HuggingFaceCheckpoint.open(directory)) {
            var conversion = Conversion.of(checkpoint, type, false);
            conversion.write(file, (tensor, done, total) -> {});
            return conversion;
        }
    }
}
