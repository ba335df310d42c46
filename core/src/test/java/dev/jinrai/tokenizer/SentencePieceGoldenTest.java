package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.TokenizerGoldens.REFERENCE;
import static dev.jinrai.tokenizer.TokenizerGoldens.open;
import static dev.jinrai.tokenizer.TokenizerGoldens.read;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongIds;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongPieces;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongStreams;
import static dev.jinrai.tokenizer.TokenizerGoldens.wrongTexts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.testing.Goldens;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// Ids, pieces and texts equal llama.cpp's.
///
/// The demo model's vocabulary is checked always, published ones with a reference folder.
final class SentencePieceGoldenTest {
    /// A published vocabulary and how many cases each of its files has.
    enum Published {
        LLAMA("ggml-vocab-llama-spm", 447, 46, 988, 399),
        PHI_3("ggml-vocab-phi-3", 694, 46, 1056, 399),
        BAICHUAN("ggml-vocab-baichuan", 446, 0, 1249, 399);

        private final String file;
        private final int cases;
        private final int orig;
        private final int pieces;
        private final int detokenize;

        Published(String file, int cases, int orig, int pieces, int detokenize) {
            this.file = file;
            this.cases = cases;
            this.orig = orig;
            this.pieces = pieces;
            this.detokenize = detokenize;
        }

        int total() {
            return cases + orig + pieces + detokenize;
        }

        Tokenizer tokenizer() {
            return open(Path.of(REFERENCE, "tokenizers/vocab", file + ".gguf"));
        }

        List<JsonNode> lines(String part) {
            return read(Path.of(REFERENCE, "tokenizers", part, file + ".jsonl"));
        }
    }

    @BeforeAll
    static void countsWhatDoesNotRun() {
        if (REFERENCE.isEmpty()) {
            int cases = Arrays.stream(Published.values()).mapToInt(Published::total).sum();
            System.out.printf("reference: %d tokenizer cases not run (no --reference)%n", cases);
        }
    }

    @Test
    void encodesWithTheDemoVocabularyAsLlamaCpp() {
        assertThat(wrongIds(demo(), demoLines("cases"))).isEmpty();
    }

    @Test
    void printsTheDemoVocabularysPiecesAsLlamaCpp() {
        assertThat(wrongPieces(demo(), demoLines("pieces"))).isEmpty();
    }

    @Test
    void decodesWithTheDemoVocabularyAsLlamaCpp() {
        assertThat(wrongTexts(demo(), demoLines("detokenize"))).isEmpty();
    }

    @Test
    void streamsWithTheDemoVocabularyWhatItDecodes() {
        assertThat(wrongStreams(demo(), demoLines("detokenize"))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void encodesAsLlamaCpp(Published vocabulary) {
        requireReference();
        List<JsonNode> lines = vocabulary.lines("cases");
        assertThat(lines).hasSize(vocabulary.cases);
        assertThat(wrongIds(vocabulary.tokenizer(), lines)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BAICHUAN")
    void encodesLlamaCppsOwnTestTexts(Published vocabulary) {
        requireReference();
        List<JsonNode> lines = vocabulary.lines("orig");
        assertThat(lines).hasSize(vocabulary.orig);
        assertThat(wrongIds(vocabulary.tokenizer(), lines)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void printsPiecesAsLlamaCpp(Published vocabulary) {
        requireReference();
        List<JsonNode> lines = vocabulary.lines("pieces");
        assertThat(lines).hasSize(vocabulary.pieces);
        assertThat(wrongPieces(vocabulary.tokenizer(), lines)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void decodesAsLlamaCpp(Published vocabulary) {
        requireReference();
        List<JsonNode> lines = vocabulary.lines("detokenize");
        assertThat(lines).hasSize(vocabulary.detokenize);
        assertThat(wrongTexts(vocabulary.tokenizer(), lines)).isEmpty();
        assertThat(wrongStreams(vocabulary.tokenizer(), lines)).isEmpty();
    }

    /// R18: the prompt whose ids the documents state.
    @Test
    void encodesTheDocumentsPromptToTheirFourteenIds() {
        requireReference();
        Tokenizer llama = Published.LLAMA.tokenizer();
        for (boolean parseSpecial : new boolean[] {false, true}) {
            assertThat(llama.encode("<|user|>\n1<|assistant|>", true, parseSpecial))
                    .containsExactly(
                            1, 529, 29989, 1792, 29989, 29958, 13, 29896, 29966, 29989, 465, 22137,
                            29989, 29958);
        }
    }

    @Test
    void phi3TakesTheWhiteSpaceAfterASpecialToken() {
        requireReference();
        Tokenizer phi3 = Published.PHI_3.tokenizer();
        assertThat(phi3.encode("<|user|> \n\tHi", false, true))
                .isEqualTo(phi3.encode("<|user|>Hi", false, true));
    }

    private static void requireReference() {
        assumeTrue(!REFERENCE.isEmpty(), "no --reference");
    }

    private static Tokenizer demo() {
        return open(Goldens.folder().resolveSibling("demo").resolve("demo-Q8_0.gguf"));
    }

    private static List<JsonNode> demoLines(String part) {
        List<JsonNode> lines = read(Goldens.file("tokenizers/demo/" + part + ".jsonl"));
        assertThat(lines).as("cases in %s", part).hasSizeGreaterThan(100);
        return lines;
    }
}
