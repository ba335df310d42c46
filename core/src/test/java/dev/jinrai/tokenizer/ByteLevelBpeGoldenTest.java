package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.TokenizerGoldens.REFERENCE;
import static dev.jinrai.tokenizer.TokenizerGoldens.open;
import static dev.jinrai.tokenizer.TokenizerGoldens.read;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrong;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongIds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.testing.Goldens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ids, pieces and texts of byte-pair vocabularies equal llama.cpp's.
///
/// `presplit` is a vocabulary made for tests whose merges cross the borders of words, so that a text
/// that is split otherwise has other ids. It is checked always, under the name of every
/// pre-tokenizer; published vocabularies with a reference folder.
final class ByteLevelBpeGoldenTest {
    private static final int PUBLISHED_CASES = 19_996;

    @BeforeAll
    static void countsWhatDoesNotRun() {
        if (REFERENCE.isEmpty()) {
            System.out.printf(
                    "reference: %d byte-pair cases not run (no --reference)%n", PUBLISHED_CASES);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cases", "pieces", "detokenize"})
    void equalsLlamaCppWithTheTestVocabulary(String part) {
        Tokenizer tokenizer = open(presplit());
        List<JsonNode> lines = read(Goldens.file("tokenizers/presplit/" + part + ".jsonl"));
        assertThat(wrong(part, tokenizer, lines)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.jinrai.tokenizer.TokenizerGoldens#splits")
    void splitsAsLlamaCpp(String pre) {
        List<JsonNode> lines = read(Goldens.file("tokenizers/pre_split/" + pre + ".jsonl"));
        assertThat(lines).hasSizeGreaterThanOrEqualTo(335);
        assertThat(wrongIds(open(presplit(), pre), lines)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.jinrai.tokenizer.TokenizerGoldens#realWords")
    void splitsRealWordsAsLlamaCpp(String pre) {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
        List<JsonNode> lines = reference("pre/" + pre + ".jsonl");
        assertThat(lines).hasSize(335);
        Tokenizer tokenizer = open(vocabulary("ggml-vocab-gpt-2"), pre);
        assertThat(wrongIds(tokenizer, lines)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt-2", "mpt", "falcon", "starcoder", "refact", "deepseek-coder"})
    void equalsLlamaCppWithPublishedVocabularies(String name) {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
        String file = "ggml-vocab-" + name;
        Tokenizer tokenizer = open(vocabulary(file));
        for (String part : List.of("orig", "cases", "pieces", "detokenize")) {
            List<JsonNode> lines = reference(part + "/" + file + ".jsonl");
            assertThat(lines).as(part).hasSizeGreaterThan(45);
            assertThat(wrong(part, tokenizer, lines)).as(part).isEmpty();
        }
    }

    /// Names without a file of their own split as another one does, and add the same tokens.
    /// [PreTokenizersTest] has those that the reference folder lacks.
    @Test
    void equalsLlamaCppUnderEveryNameOfTheReference() {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
        JsonNode info = new JsonMapper().readTree(Path.of(REFERENCE, "tokenizers/vocab_info.json"));
        info.forEachEntry((key, value) -> {
            if (!key.startsWith("pre_split/")) {
                return;
            }
            Tokenizer tokenizer = open(presplit(), key.substring("pre_split/".length()));
            Vocabulary vocabulary = tokenizer.vocabulary();
            assertThat(vocabulary.addBos()).as(key).isEqualTo(value.get("add_bos").asInt() == 1);
            assertThat(vocabulary.addEos()).as(key).isEqualTo(value.get("add_eos").asInt() == 1);
            assertThat(vocabulary.addSep()).as(key).isEqualTo(value.get("add_sep").asInt() == 1);
            assertThat(vocabulary.bos().orElse(-1)).as(key).isEqualTo(value.get("bos").asInt());
            assertThat(vocabulary.eos().orElse(-1)).as(key).isEqualTo(value.get("eos").asInt());
            String same = value.path("same_as").asString(key);
            assertThat(wrongIds(tokenizer, reference(same + ".jsonl"))).as(key).isEmpty();
        });
    }

    private static Path presplit() {
        return Goldens.file("tokenizers/presplit/ggml-vocab-presplit.gguf");
    }

    private static Path vocabulary(String file) {
        Path path = Path.of(REFERENCE, "tokenizers/vocab", file + ".gguf");
        assertThat(Files.exists(path)).as("%s", path).isTrue();
        return path;
    }

    private static List<JsonNode> reference(String file) {
        return read(Path.of(REFERENCE, "tokenizers", file));
    }
}
