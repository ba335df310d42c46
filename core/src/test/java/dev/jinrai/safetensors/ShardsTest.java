package dev.jinrai.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Index and files say the same, or are refused.
class ShardsTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir private Path folder;

    @BeforeEach
    void twoShards() throws IOException {
        shard("one.safetensors", "a");
        shard("two.safetensors", "b");
        index("{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}");
    }

    private void shard(String file, String tensor) throws IOException {
        byte[] json =
                "{\"%s\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]}}"
                        .formatted(tensor)
                        .getBytes(UTF_8);
        Files.write(
                folder.resolve(file),
                ByteBuffer.allocate(8 + json.length + 3)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(json.length)
                        .put(json)
                        .array());
    }

    private void index(String map) throws IOException {
        Files.writeString(
                folder.resolve(INDEX), "{\"metadata\":{},\"weight_map\":%s}".formatted(map));
    }

    private void refused(String... parts) {
        assertThatExceptionOfType(SafetensorsException.class)
                .isThrownBy(() -> Shards.open(folder).close())
                .withMessageContainingAll(parts);
    }

    @Test
    void findsATensorInItsFile() {
        try (Shards shards = Shards.open(folder)) {
            assertThat(shards.tensors()).extracting(TensorEntry::name).containsExactly("a", "b");
            assertThat(shards.data("b").byteSize()).isEqualTo(3);
        }
    }

    @Test
    void followsLinksAsInTheHubsCache(@TempDir Path elsewhere) throws IOException {
        Path blob = Files.move(folder.resolve("two.safetensors"), elsewhere.resolve("blob"));
        Files.createSymbolicLink(folder.resolve("two.safetensors"), blob);
        Shards.open(folder).close();
    }

    @Test
    void prefersTheSingleFile() throws IOException {
        shard("model.safetensors", "c");
        try (Shards shards = Shards.open(folder)) {
            assertThat(shards.tensors()).extracting(TensorEntry::name).containsExactly("c");
        }
    }

    @Test
    void refusesAShardThatIsMissing() throws IOException {
        Files.delete(folder.resolve("two.safetensors"));
        refused("two.safetensors: is not there, and the index wants it");
    }

    @Test
    void refusesATensorThatTheIndexDoesNotName() throws IOException {
        shard("two.safetensors", "c");
        refused("two.safetensors: tensor 'c': the index does not name it");
    }

    @Test
    void refusesATensorThatIsInAnotherFile() throws IOException {
        shard("two.safetensors", "a");
        refused("two.safetensors: tensor 'a': the index places it in 'one.safetensors'");
    }

    @Test
    void refusesATensorThatNoFileHas() throws IOException {
        index("{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\",\"c\":\"two.safetensors\"}");
        refused("two.safetensors: has no tensor 'c', and the index places it there");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../one.safetensors",
                "/etc/one.safetensors",
                "sub/one.safetensors",
                "..\\\\one.safetensors",
                "C:one.safetensors",
                "..",
                ".safetensors",
                "one.bin",
                "one.safetensors\\u0000",
                ""
            })
    void refusesNamesThatLeaveTheFolder(String name) throws IOException {
        index("{\"a\":\"%s\"}".formatted(name));
        refused(INDEX, "weight_map.a", "wanted the name of a safetensors file in this folder");
    }

    @Test
    void refusesAnIndexThatIsNone() throws IOException {
        index("{}");
        refused("weight_map: names no tensor");
        index("7");
        refused("weight_map: wanted an object");
        Files.writeString(folder.resolve(INDEX), "{\"metadata\":{}}");
        refused("has no key 'weight_map'");
        Files.writeString(folder.resolve(INDEX), "{\"weight_map\":{\"a\":");
        refused(INDEX, "line 1, column");
    }

    @Test
    void refusesADamagedShardByItsOwnName() throws IOException {
        Files.writeString(folder.resolve("two.safetensors"), "short");
        refused("two.safetensors: 5 bytes, wanted a table's length in 8");
    }

    @Test
    void saysWhatAFolderWithoutWeightsHas() throws IOException {
        Files.delete(folder.resolve(INDEX));
        refused("has neither model.safetensors nor " + INDEX);
        Files.writeString(folder.resolve("pytorch_model.bin"), "");
        refused("weights in PyTorch's own form are not supported");
        Files.writeString(folder.resolve("adapter_model.safetensors"), "");
        refused("an adapter alone is no model");
    }
}
