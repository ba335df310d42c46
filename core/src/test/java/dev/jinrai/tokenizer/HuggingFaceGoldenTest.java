package dev.jinrai.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ids and texts equal those of Hugging Face's tokenizers 0.23.2, for a `tokenizer.json` of every
/// kind and for every component alone.
final class HuggingFaceGoldenTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Path FOLDER = Goldens.folder().resolve("tokenizers/huggingface");

    @TempDir private Path folder;

    static List<String> tokenizers() throws IOException {
        try (Stream<Path> entries = Files.list(FOLDER)) {
            return entries.filter(Files::isDirectory)
                    .map(entry -> entry.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void findsAllOfThem() throws IOException {
        assertThat(tokenizers()).hasSize(23);
    }

    @ParameterizedTest
    @MethodSource("tokenizers")
    void equalsTheLibrary(String name) {
        Tokenizer tokenizer = HuggingFaceTokenizer.open(FOLDER.resolve(name));
        List<JsonNode> lines = TokenizerGoldens.read(FOLDER.resolve(name + "/cases.jsonl"));
        List<JsonNode> encoded = lines.stream().filter(line -> line.has("text")).toList();
        List<JsonNode> decoded = lines.stream().filter(line -> line.has("decoded")).toList();
        assertThat(encoded).hasSize(60);
        assertThat(decoded).hasSizeGreaterThan(20);
        assertThat(TokenizerGoldens.wrongIds(tokenizer, encoded)).isEmpty();
        for (JsonNode line : decoded) {
            int[] ids = line.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
            assertThat(tokenizer.decode(ids, false, true))
                    .isEqualTo(line.get("decoded").asString());
            assertThat(tokenizer.decode(ids, false, false))
                    .isEqualTo(line.get("skipped").asString());
            assertThat(streamed(tokenizer, ids)).isEqualTo(line.get("decoded").asString());
        }
    }

    /// The text in pieces, none of which ends within a character.
    private static String streamed(Tokenizer tokenizer, int[] ids) {
        Detokenizer stream = Detokenizer.fromStart(tokenizer, false, true);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = stream.append(id);
            assertThat(
                            piece.isEmpty()
                                    || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
                    .isTrue();
            text.append(piece);
        }
        return text.append(stream.flush()).toString();
    }

    /// Normalizers, pre-tokenizers and patterns alone, before a model whose tokens are bytes and
    /// which marks the end of each piece with U+0001.
    @Test
    void everyComponentEqualsTheLibrarys() throws IOException {
        List<JsonNode> components = TokenizerGoldens.read(FOLDER.resolve("components.jsonl"));
        assertThat(components).hasSize(72);
        List<String> wrong = new ArrayList<>();
        for (JsonNode component : components) {
            Tokenizer tokenizer = probe(component);
            for (JsonNode line : component.get("cases")) {
                int[] ids = tokenizer.encode(line.get(0).asString(), true, true);
                byte[] bytes = line.get(1).asString().getBytes(StandardCharsets.UTF_8);
                int[] wanted = new int[bytes.length];
                Arrays.setAll(wanted, i -> bytes[i] & 0xFF);
                if (!Arrays.equals(ids, wanted)) {
                    wrong.add(component.get("name") + " " + line + " got " + Arrays.toString(ids));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private Tokenizer probe(JsonNode component) throws IOException {
        StringBuilder vocabulary = new StringBuilder();
        for (int b = 0; b < 256; b++) {
            vocabulary.append("\"%s\":%d,".formatted(ByteToken.text(b), b));
        }
        String text =
                """
                {"version":"1.0","normalizer":%s,"pre_tokenizer":%s,
                 "model":{"type":"BPE","unk_token":"<unk>","end_of_word_suffix":"\\u0001",
                 "byte_fallback":true,"vocab":{%s"<unk>":256},"merges":[]}}
                """
                        .formatted(
                                JSON.writeValueAsString(component.get("normalizer")),
                                JSON.writeValueAsString(component.get("pre_tokenizer")),
                                vocabulary);
        return HuggingFaceTokenizer.open(Files.writeString(folder.resolve("tokenizer.json"), text));
    }
}
