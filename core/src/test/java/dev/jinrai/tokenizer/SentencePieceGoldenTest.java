package dev.jinrai.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ids, pieces and texts equal llama.cpp's.
///
/// The demo model's vocabulary is checked always. Published vocabularies may not enter the project:
/// they are checked when the system property `jinrai.reference` names the folder that has them.
final class SentencePieceGoldenTest {
    private static final String REFERENCE = System.getProperty("jinrai.reference", "");
    private static final JsonMapper JSON = new JsonMapper();

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

    private static Tokenizer open(Path file) {
        try (Gguf gguf = Gguf.open(file)) {
            return Tokenizer.from(gguf.metadata());
        }
    }

    private static List<JsonNode> read(Path file) {
        try {
            return Files.readAllLines(file).stream().map(JSON::readTree).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> wrongIds(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean addSpecial = line.path("add_special").asBoolean(false);
            boolean parseSpecial = line.path("parse_special").asBoolean(false);
            int[] ids = tokenizer.encode(line.get("text").asString(), addSpecial, parseSpecial);
            if (!Arrays.equals(ids, ids(line))) {
                wrong.add(line + " got " + Arrays.toString(ids));
            }
        }
        return wrong;
    }

    private static List<String> wrongPieces(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            int id = line.get("id").asInt();
            String plain = HexFormat.of().formatHex(tokenizer.piece(id, false));
            String special = HexFormat.of().formatHex(tokenizer.piece(id, true));
            if (!plain.equals(line.get("hex").asString())
                    || !special.equals(line.get("hex_special").asString())) {
                wrong.add(line + " got " + plain + " and " + special);
            }
        }
        return wrong;
    }

    private static List<String> wrongTexts(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean removeSpecial = line.get("remove_special").asBoolean();
            boolean unparseSpecial = line.get("unparse_special").asBoolean();
            byte[] bytes = tokenizer.decodeBytes(ids(line), removeSpecial, unparseSpecial);
            if (!HexFormat.of().formatHex(bytes).equals(line.get("hex").asString())) {
                wrong.add(line + " got " + HexFormat.of().formatHex(bytes));
            }
        }
        return wrong;
    }

    private static List<String> wrongStreams(Tokenizer tokenizer, List<JsonNode> lines) {
        List<String> wrong = new ArrayList<>();
        for (JsonNode line : lines) {
            boolean removeSpecial = line.get("remove_special").asBoolean();
            boolean unparseSpecial = line.get("unparse_special").asBoolean();
            Detokenizer stream = Detokenizer.fromStart(tokenizer, removeSpecial, unparseSpecial);
            StringBuilder text = new StringBuilder();
            for (int id : ids(line)) {
                text.append(stream.append(id));
            }
            text.append(stream.flush());
            byte[] golden = HexFormat.of().parseHex(line.get("hex").asString());
            if (!text.toString().equals(text(golden))) {
                wrong.add(line + " streamed " + text);
            }
        }
        return wrong;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) { // what becomes of it, Utf8DecoderTest knows
            StringBuilder text = new StringBuilder();
            Utf8Decoder utf8 = new Utf8Decoder();
            utf8.append(bytes, text);
            utf8.flush(text);
            return text.toString();
        }
    }

    private static int[] ids(JsonNode line) {
        return line.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
    }
}
