package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.TokenizerGoldens.REFERENCE;
import static dev.jinrai.tokenizer.TokenizerGoldens.open;
import static dev.jinrai.tokenizer.TokenizerGoldens.read;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrong;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ids, pieces and texts of WordPiece vocabularies equal llama.cpp's.
///
/// One made for tests is checked always, a published one with a reference folder.
final class WordPieceGoldenTest {
    private static final String FILE = "ggml-vocab-bert-bge";

    @BeforeAll
    static void countsWhatDoesNotRun() {
        if (REFERENCE.isEmpty()) {
            System.out.println("reference: 1872 WordPiece cases not run (no --reference)");
        }
    }

    @ParameterizedTest
    @CsvSource({"cases,514", "pieces,362", "detokenize,299"})
    void equalsLlamaCppWithTheTestVocabulary(String part, int count) {
        List<JsonNode> lines = read(Goldens.file("tokenizers/wordpiece/" + part + ".jsonl"));
        assertThat(lines).hasSize(count);
        assertThat(wrong(part, open(made()), lines)).isEmpty();
    }

    @Test
    void keepsCapitalsAndAccentsAsLlamaCppWhereTheFileSaysSo() {
        Tokenizer cased =
                open(made(), "tokenizer.ggml.normalizer.lowercase", new MetadataValue.Bool(false));
        List<JsonNode> lines = read(Goldens.file("tokenizers/wordpiece/cases_cased.jsonl"));
        assertThat(lines).hasSize(314);
        assertThat(wrong("cases", cased, lines)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"orig,46", "cases,470", "pieces,996", "detokenize,360"})
    void equalsLlamaCpp(String part, int count) {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
        List<JsonNode> lines = read(Path.of(REFERENCE, "tokenizers", part, FILE + ".jsonl"));
        assertThat(lines).hasSize(count);
        assertThat(wrong(part, bge(), lines)).isEmpty();
    }

    @Test
    void readsFromTheFileWhatLlamaCppReads() {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
        JsonNode info =
                new JsonMapper()
                        .readTree(Path.of(REFERENCE, "tokenizers/vocab_info.json"))
                        .get(FILE);
        Vocabulary vocabulary = bge().vocabulary();
        assertThat(vocabulary.size()).isEqualTo(info.get("n_tokens").asInt());
        assertThat(vocabulary.addBos()).isEqualTo(info.get("add_bos").asInt() == 1);
        assertThat(vocabulary.addEos()).isEqualTo(info.get("add_eos").asInt() == 1);
        assertThat(vocabulary.addSep()).isEqualTo(info.get("add_sep").asInt() == 1);
        assertThat(vocabulary.bos().orElse(-1)).isEqualTo(info.get("bos").asInt());
        assertThat(vocabulary.eos().orElse(-1)).isEqualTo(info.get("eos").asInt());
        assertThat(id(vocabulary, SpecialToken.SEPARATOR)).isEqualTo(info.get("sep").asInt());
        assertThat(id(vocabulary, SpecialToken.PADDING)).isEqualTo(info.get("pad").asInt());
        assertThat(id(vocabulary, SpecialToken.MASK)).isEqualTo(info.get("mask").asInt());
        assertThat(id(vocabulary, SpecialToken.EOT)).isEqualTo(info.get("eot").asInt());
    }

    private static int id(Vocabulary vocabulary, SpecialToken part) {
        return vocabulary.special(part).orElse(-1);
    }

    private static Path made() {
        return Goldens.file("tokenizers/wordpiece/vocab.gguf");
    }

    private static Tokenizer bge() {
        return open(Path.of(REFERENCE, "tokenizers/vocab", FILE + ".gguf"));
    }
}
