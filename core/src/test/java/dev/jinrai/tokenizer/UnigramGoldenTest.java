package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.TokenizerGoldens.open;
import static dev.jinrai.tokenizer.TokenizerGoldens.read;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrong;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Ids, pieces and texts of a Unigram vocabulary made for tests equal llama.cpp's. No published one
/// is checked.
final class UnigramGoldenTest {

    @ParameterizedTest
    @CsvSource({"cases,514", "pieces,488", "detokenize,298"})
    void equalsLlamaCpp(String part, int count) {
        List<JsonNode> lines = read(Goldens.file("tokenizers/unigram/" + part + ".jsonl"));
        assertThat(lines).hasSize(count);
        assertThat(wrong(part, open(vocabulary()), lines)).isEmpty();
    }

    @Test
    void keepsEverySpaceAsLlamaCppWhereTheFileSaysSo() {
        Tokenizer tokenizer =
                open(
                        vocabulary(),
                        "tokenizer.ggml.remove_extra_whitespaces",
                        new MetadataValue.Bool(false));
        List<JsonNode> lines = read(Goldens.file("tokenizers/unigram/cases_spaces_kept.jsonl"));
        assertThat(lines).hasSize(314);
        assertThat(wrong("cases", tokenizer, lines)).isEmpty();
    }

    private static Path vocabulary() {
        return Goldens.file("tokenizers/unigram/vocab.gguf");
    }
}
