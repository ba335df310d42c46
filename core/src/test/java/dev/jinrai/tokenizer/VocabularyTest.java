package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.CONTROL;
import static dev.jinrai.tokenizer.SmallVocabulary.NORMAL;
import static dev.jinrai.tokenizer.SmallVocabulary.USER_DEFINED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.gguf.GgufException;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class VocabularyTest {

    @Test
    void everythingComesFromTheFile() {
        Map<String, MetadataValue> file = file("a", "b", "c", "d", "<0x0A>");
        file.put("tokenizer.ggml.scores", floats(1, 2, 3, 4, 5));
        file.put("tokenizer.ggml.token_type", ints(1, 2, 3, 4, 6));
        file.put("tokenizer.ggml.bos_token_id", id(4));
        file.put("tokenizer.ggml.eos_token_id", id(3));
        file.put("tokenizer.ggml.padding_token_id", id(0));
        file.put("tokenizer.ggml.add_bos_token", new MetadataValue.Bool(false));
        file.put("tokenizer.ggml.add_eos_token", new MetadataValue.Bool(true));
        file.put("tokenizer.ggml.add_space_prefix", new MetadataValue.Bool(false));
        Vocabulary vocabulary = read(file);
        assertThat(vocabulary.size()).isEqualTo(5);
        assertThat(vocabulary.text(2)).isEqualTo("c");
        assertThat(vocabulary.score(2)).isEqualTo(3);
        assertThat(vocabulary.type(3)).isEqualTo(TokenType.USER_DEFINED);
        assertThat(vocabulary.find("d")).hasValue(3);
        assertThat(vocabulary.type(4)).isEqualTo(TokenType.BYTE);
        assertThat(vocabulary.find("x")).isEmpty();
        assertThat(vocabulary.bos()).hasValue(4);
        assertThat(vocabulary.eos()).hasValue(3);
        assertThat(vocabulary.special(SpecialToken.PADDING)).hasValue(0);
        assertThat(vocabulary.special(SpecialToken.EOT)).isEmpty();
        assertThat(vocabulary.addBos()).isFalse();
        assertThat(vocabulary.addEos()).isTrue();
        assertThat(vocabulary.addSpacePrefix()).isFalse();
        assertThat(vocabulary.isEndOfGeneration(3)).isTrue();
        assertThat(vocabulary.isEndOfGeneration(4)).isFalse();
        assertThat(vocabulary.notices()).isEmpty();
    }

    @Test
    void whatTheFileLeavesOutIsTheFamilysDefault() {
        Vocabulary vocabulary = read(file("<unk>", "<s>", "</s>"));
        assertThat(vocabulary.special(SpecialToken.UNKNOWN)).hasValue(0);
        assertThat(vocabulary.bos()).hasValue(1);
        assertThat(vocabulary.eos()).hasValue(2);
        assertThat(vocabulary.addBos()).isTrue();
        assertThat(vocabulary.addEos()).isFalse();
        assertThat(vocabulary.addSpacePrefix()).isTrue();
        assertThat(vocabulary.score(2)).isZero();
        assertThat(vocabulary.type(1)).isEqualTo(TokenType.NORMAL);
    }

    @Test
    void integerScoresAreScores() {
        Map<String, MetadataValue> file = file("a", "b", "c");
        file.put("tokenizer.ggml.scores", ints(5, -7, 0));
        assertThat(read(file).score(1)).isEqualTo(-7);
    }

    @Test
    void namesOfIfmAndPlamoAreKnown() {
        Vocabulary vocabulary =
                read(
                        file(
                                "<unk>",
                                "<s>",
                                "</s>",
                                "<|ifm|im_end|>",
                                "<|plamo:fim_prefix|>",
                                "<|plamo:fim_suffix|>",
                                "<|plamo:fim_middle|>",
                                "<|plamo:file_separator|>"));
        for (int id = 3; id < 8; id++) {
            assertThat(vocabulary.type(id)).isEqualTo(TokenType.CONTROL);
            assertThat(vocabulary.isEndOfGeneration(id)).isEqualTo(id == 3 || id == 7);
        }
        assertThat(vocabulary.special(SpecialToken.FIM_PREFIX)).hasValue(4);
        assertThat(vocabulary.special(SpecialToken.FIM_SUFFIX)).hasValue(5);
        assertThat(vocabulary.special(SpecialToken.FIM_MIDDLE)).hasValue(6);
        assertThat(vocabulary.special(SpecialToken.FIM_FILE)).hasValue(7);
    }

    @Test
    void anEmptyTokenIsNamedByItsId() {
        Vocabulary vocabulary = read(file("a", "", "c"));
        assertThat(vocabulary.text(1)).isEqualTo("[EMPTY_1]");
    }

    @Test
    void aTokenThatStandsTwiceIsAnError() {
        assertThatThrownBy(() -> read(file("a", "b\u0007", "b\u0007")))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "key 'tokenizer.ggml.tokens': token 'b\\u{7}' stands at 1 and again at 2");
    }

    @Test
    void tooFewScoresOrTypesAreAnErrorAndTooManyAreNot() {
        Map<String, MetadataValue> scores = file("a", "b", "c");
        scores.put("tokenizer.ggml.scores", floats(1, 2));
        assertThatThrownBy(() -> read(scores))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "key 'tokenizer.ggml.scores' has 2 entries for the 3 tokens of"
                                + " 'tokenizer.ggml.tokens'");
        Map<String, MetadataValue> types = file("a", "b", "c");
        types.put("tokenizer.ggml.token_type", ints());
        assertThatThrownBy(() -> read(types))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("'tokenizer.ggml.token_type' has 0 entries for the 3 tokens");
        scores.put("tokenizer.ggml.scores", floats(1, 2, 3, 4));
        types.put("tokenizer.ggml.token_type", ints(3, 3, 3, 3));
        assertThat(read(scores).score(2)).isEqualTo(3);
        assertThat(read(types).type(2)).isEqualTo(TokenType.CONTROL);
    }

    @Test
    void aScoreThatIsNoNumberIsAnError() {
        Map<String, MetadataValue> file = file("a", "b", "c");
        file.put("tokenizer.ggml.scores", floats(1, Float.NaN, 3));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "key 'tokenizer.ggml.scores': the score of token 1 'b' is not a number");
        file.put("tokenizer.ggml.scores", floats(1, Float.NEGATIVE_INFINITY, 3));
        assertThat(read(file).score(1)).isEqualTo(Float.NEGATIVE_INFINITY);
    }

    @Test
    void valuesOfTheWrongKindAreAnError() {
        Map<String, MetadataValue> file = file("a", "b", "c");
        file.put("tokenizer.ggml.scores", new MetadataValue.Text("high"));
        assertThatThrownBy(() -> read(file))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("tokenizer.ggml.scores");
        Map<String, MetadataValue> bos = file("a", "b", "c");
        bos.put("tokenizer.ggml.bos_token_id", new MetadataValue.Text("<s>"));
        assertThatThrownBy(() -> read(bos))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("tokenizer.ggml.bos_token_id");
        assertThatThrownBy(() -> read(new LinkedHashMap<>()))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining("tokenizer.ggml.tokens");
    }

    @Test
    void anIdOutsideTheVocabularyLeavesTheDefaultAndIsNoticed() {
        Map<String, MetadataValue> file = file("a", "b", "c");
        file.put("tokenizer.ggml.bos_token_id", id(3));
        file.put("tokenizer.ggml.padding_token_id", id(0xFFFF_FFFFL));
        Vocabulary vocabulary = read(file);
        assertThat(vocabulary.bos()).hasValue(1);
        assertThat(vocabulary.special(SpecialToken.PADDING)).isEmpty();
        assertThat(vocabulary.notices())
                .containsExactly(
                        "key 'tokenizer.ggml.bos_token_id': id 3 is outside the vocabulary of 3"
                                + " tokens; using 1",
                        "key 'tokenizer.ggml.padding_token_id': id 4294967295 is outside the"
                                + " vocabulary of 3 tokens; ignored");
    }

    @Test
    void aBosThatIsToBeAddedMustExist() {
        assertThatThrownBy(() -> read(file("a")))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "'tokenizer.ggml.add_bos_token' holds (it may be the default) but"
                                + " 'tokenizer.ggml.bos_token_id' names none of the 1 tokens");
        assertThatThrownBy(() -> read(file())).isInstanceOf(TokenizerException.class);
    }

    @Test
    void endOfTurnAndItsLikeAreFoundByTheirTexts() {
        Vocabulary vocabulary =
                SmallVocabulary.withoutBytes()
                        .add("<|endoftext|>", 0, CONTROL)
                        .add("<|end|>", 0, NORMAL)
                        .add("<fim_pad>", 0, CONTROL)
                        .add("<|file_sep|>", 0, CONTROL)
                        .add("<|fim_prefix|>", 0, CONTROL)
                        .add("<|user|>", 0, CONTROL)
                        .builder()
                        .build();
        assertThat(vocabulary.special(SpecialToken.EOT)).hasValue(4);
        assertThat(vocabulary.special(SpecialToken.FIM_PREFIX)).hasValue(7);
        assertThat(vocabulary.endOfGeneration()).containsExactly(2, 3, 4, 5, 6);
        assertThat(vocabulary.type(4)).isEqualTo(TokenType.CONTROL);
        assertThat(vocabulary.notices())
                .containsExactly(
                        "token 4 '<|end|>' is of type NORMAL in the file; its name makes it a"
                                + " control token");
    }

    @Test
    void inTheHarmonyFormatEndDoesNotEndTheGeneration() {
        Vocabulary vocabulary =
                SmallVocabulary.withoutBytes()
                        .add("<|end|>", 0, CONTROL)
                        .add("<|return|>", 0, CONTROL)
                        .add("<|call|>", 0, CONTROL)
                        .add("<|channel|>", 0, CONTROL)
                        .builder()
                        .build();
        assertThat(vocabulary.endOfGeneration()).containsExactly(2, 4, 5);
        assertThat(vocabulary.type(3)).isEqualTo(TokenType.USER_DEFINED);
        assertThat(vocabulary.type(6)).isEqualTo(TokenType.USER_DEFINED);
    }

    @Test
    void besideAToolResponseTokenTheStrikeThroughTagDoesNotEndTheGeneration() {
        Vocabulary vocabulary =
                SmallVocabulary.withoutBytes()
                        .add("<eos>", 0, CONTROL)
                        .add("<|tool_response>", 0, USER_DEFINED)
                        .builder()
                        .special(SpecialToken.EOS, 3)
                        .build();
        assertThat(vocabulary.endOfGeneration()).containsExactly(3, 4);
        assertThat(vocabulary.type(2)).isEqualTo(TokenType.NORMAL);
    }

    @Test
    void aModelOfAnotherFamilyIsAnErrorThatNamesTheKnownOnes() {
        for (String model : List.of("rwkv", "plamo2", "Llama", "")) {
            Map<String, MetadataValue> file = file("a", "b", "c");
            file.put("tokenizer.ggml.model", new MetadataValue.Text(model));
            assertThatThrownBy(() -> read(file))
                    .isInstanceOf(UnsupportedTokenizerException.class)
                    .hasMessage(
                            ("tokenizer '%s' is not supported (known: bert, gemma4, gpt2,"
                                            + " llama, t5)")
                                    .formatted(model));
        }
    }

    @Test
    void aFileWithoutAVocabularySaysWhatToDo() {
        Metadata absent = new Metadata("test", Map.of());
        assertThatThrownBy(() -> Tokenizer.from(absent))
                .isInstanceOf(UnsupportedTokenizerException.class)
                .hasMessageContaining("no vocabulary")
                .hasMessageContaining("token ids");
        for (String model : List.of("none", "no_vocab")) {
            Metadata none =
                    new Metadata(
                            "test", Map.of("tokenizer.ggml.model", new MetadataValue.Text(model)));
            assertThatThrownBy(() -> Tokenizer.from(none))
                    .isInstanceOf(UnsupportedTokenizerException.class)
                    .hasMessageContaining("no vocabulary");
        }
    }

    private static Vocabulary read(Map<String, MetadataValue> file) {
        file.putIfAbsent("tokenizer.ggml.model", new MetadataValue.Text("llama"));
        return Tokenizer.from(new Metadata("test", file)).vocabulary();
    }

    private static Map<String, MetadataValue> file(String... tokens) {
        List<MetadataValue> texts =
                Arrays.stream(tokens).<MetadataValue>map(MetadataValue.Text::new).toList();
        Map<String, MetadataValue> file = new LinkedHashMap<>();
        file.put("tokenizer.ggml.tokens", new MetadataValue.Array(ValueType.STRING, texts));
        return file;
    }

    private static MetadataValue id(long id) {
        return new MetadataValue.Whole(ValueType.UINT32, id);
    }

    private static MetadataValue ints(int... values) {
        return new MetadataValue.Array(
                ValueType.INT32,
                Arrays.stream(values)
                        .<MetadataValue>mapToObj(v -> new MetadataValue.Whole(ValueType.INT32, v))
                        .toList());
    }

    private static MetadataValue floats(double... values) {
        return new MetadataValue.Array(
                ValueType.FLOAT32,
                Arrays.stream(values)
                        .<MetadataValue>mapToObj(v -> new MetadataValue.Real(ValueType.FLOAT32, v))
                        .toList());
    }
}
