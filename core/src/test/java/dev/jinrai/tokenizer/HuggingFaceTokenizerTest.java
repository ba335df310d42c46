package dev.jinrai.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jinrai.testing.Goldens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HuggingFaceTokenizerTest {
    private static final String WORDS =
            """
            {"version":"1.0",
             "added_tokens":[{"id":4,"content":"<s>","special":true,"lstrip":false,
              "rstrip":false,"single_word":false,"normalized":false}],
             "normalizer":null,"pre_tokenizer":{"type":"WhitespaceSplit"},"post_processor":null,
             "decoder":null,
             "model":{"type":"WordPiece","unk_token":"<unk>","continuing_subword_prefix":"##",
              "max_input_chars_per_word":10,"vocab":{"<unk>":0,"a":1,"##b":2,"</s>":3}}}
            """;

    @TempDir private Path folder;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private HuggingFaceTokenizer open(String text) throws IOException {
        return HuggingFaceTokenizer.open(write("tokenizer.json", text));
    }

    @Test
    void readsAFileAlone() throws IOException {
        HuggingFaceTokenizer tokenizer = open(WORDS);
        assertThat(tokenizer.encode("ab <s>a x", true, true)).containsExactly(1, 2, 4, 1, 0);
        assertThat(tokenizer.encode("<s>", true, false)).containsExactly(0);
        assertThat(tokenizer.decode(new int[] {4, 1, 2}, false, true)).isEqualTo("<s> a ##b");
        assertThat(tokenizer.decode(new int[] {4, 1, 2}, false, false)).isEqualTo("a ##b");
        assertThat(tokenizer.vocabulary().size()).isEqualTo(5);
        assertThat(tokenizer.vocabulary().type(4)).isEqualTo(TokenType.CONTROL);
        assertThat(tokenizer.addedInFront()).isEmpty();
        assertThat(tokenizer.chatTemplate()).isEmpty();
        assertThatThrownBy(() -> tokenizer.decode(new int[] {5}, false, true))
                .isInstanceOf(TokenizerException.class);
    }

    @Test
    void settingsBesideItSayWhatIsAddedAndWhereGenerationEnds() throws IOException {
        write("tokenizer.json", WORDS);
        write(
                "tokenizer_config.json",
                """
                {"bos_token":{"content":"<s>"},"eos_token":"</s>","add_bos_token":true,
                 "add_eos_token":true,"additional_special_tokens":["<tool>"],
                 "chat_template":[{"name":"tool_use","template":"t"},
                  {"name":"default","template":"{{ bos_token }}"}]}
                """);
        write("generation_config.json", "{\"eos_token_id\":[3,1]}");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder);
        assertThat(tokenizer.encode("a<tool>", true, true)).containsExactly(4, 1, 5, 3);
        assertThat(tokenizer.vocabulary().bos()).hasValue(4);
        assertThat(tokenizer.vocabulary().addBos()).isTrue();
        assertThat(tokenizer.vocabulary().addEos()).isTrue();
        assertThat(tokenizer.addedAtEnd()).hasValue(3);
        assertThat(tokenizer.vocabulary().endOfGeneration()).containsExactly(1, 3);
        assertThat(tokenizer.decode(new int[] {4, 1, 3}, true, true)).isEqualTo("a");
        assertThat(tokenizer.chatTemplate()).hasValue("{{ bos_token }}");
        assertThat(tokenizer.vocabulary().notices())
                .anyMatch(notice -> notice.contains("overrules the post-processor"));

        write("chat_template.jinja", "of its own");
        assertThat(HuggingFaceTokenizer.open(folder).chatTemplate()).hasValue("of its own");
    }

    @Test
    void cleansUpWhereTheSettingsSaySo() throws IOException {
        write("tokenizer.json", WORDS.replace("\"##b\"", "\".\""));
        write("tokenizer_config.json", "{\"clean_up_tokenization_spaces\":true}");
        assertThat(HuggingFaceTokenizer.open(folder).decode(new int[] {1, 2, 1}, false, true))
                .isEqualTo("a. a");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"normalizer\":null | \"normalizer\":{\"type\":\"Magic\"} | normalizer: normalizer"
                        + " 'Magic' is not supported",
                "{\"type\":\"WhitespaceSplit\"} | {\"type\":\"UnicodeScripts\"} | pre_tokenizer:"
                        + " pre-tokenizer 'UnicodeScripts' is not supported",
                "\"decoder\":null | \"decoder\":{\"type\":\"CTC\"} | decoder: decoder 'CTC' is not"
                        + " supported",
                "\"post_processor\":null | \"post_processor\":{\"type\":\"X\"} | post_processor:"
                        + " post-processor 'X' is not supported",
                "\"WordPiece\" | \"Magic\" | model: model 'Magic' is not supported",
                "\"a\":1 | \"a\":1.5 | model.vocab.a: wanted a whole number",
                "\"a\":1 | \"a\":900000 | model.vocab.a: wanted a whole number",
                "\"a\":1 | \"a\":0 | model.vocab: id 0 is that of",
                "\"special\":true | \"special\":1 | added_tokens[0].special: wanted true or false,"
                        + " got a number",
                "\"version\":\"1.0\" | \"version\":\"2.0\" | version: wanted \"1.0\"",
                "\"model\" | \"madel\" | has no key 'model'",
            })
    void namesWhatItDoesNotDo(String good, String bad, String message) {
        assertThatThrownBy(() -> open(WORDS.replace(good, bad)))
                .isInstanceOf(TokenizerException.class)
                .hasMessageStartingWith(folder.resolve("tokenizer.json") + ": " + message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama2", "bert", "unigram", "llama3", "deepseek", "clip", "gemma", "t5"})
    void takesLinearTimeWhateverTheText(String name) {
        Tokenizer tokenizer =
                HuggingFaceTokenizer.open(
                        Goldens.folder().resolve("tokenizers/huggingface/" + name));
        assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> {
                    for (String unit : new String[] {"a", " ", "\n", "1", "漢", "'"}) {
                        tokenizer.encode(unit.repeat(100_000) + "x", true, true);
                    }
                });
    }

    /// Also where a pattern meets the file's own tokens: when it is opened, and when they are printed.
    @Test
    void aPatternThatNeverEndsIsAnErrorAtEveryDoor() throws IOException {
        String replace =
                "{\"type\":\"Replace\",\"pattern\":{\"Regex\":\"(a|aa)+$\"},\"content\":\"\"}";
        String slow = "a".repeat(3000) + "!";
        String added =
                WORDS.replace("<s>\"", slow + "\"")
                        .replace("\"normalized\":false", "\"normalized\":true");
        assertThatThrownBy(() ->
                        open(added.replace("\"normalizer\":null", "\"normalizer\":" + replace)))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining("needs too much");
        HuggingFaceTokenizer tokenizer =
                open(
                        WORDS.replace("<s>\"", slow + "\"")
                                .replace("\"decoder\":null", "\"decoder\":" + replace));
        assertThatThrownBy(() -> tokenizer.piece(4, true)).isInstanceOf(TokenizerException.class);
        assertThatThrownBy(() -> tokenizer.decode(new int[] {4}, false, true))
                .isInstanceOf(TokenizerException.class);
    }

    @Test
    void anAffixOfAPageIsRefused() {
        String bpe =
                WORDS.replaceAll(
                                "(?s)\"model\":.*",
                                "\"model\":{\"type\":\"BPE\",\"continuing_subword_prefix\":\"")
                        + "#".repeat(200_000)
                        + "\",\"vocab\":{\"a\":0},\"merges\":[]}}";
        assertThatThrownBy(() -> open(bpe))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("wanted at most 64 characters, got 200000");
    }

    @Test
    void aPatternThatNeverEndsIsAnError() throws IOException {
        String split =
                "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(?:a{1,9}){1,60}b\"},\"behavior\":\"Isolated\","
                    + "\"invert\":false}";
        Tokenizer tokenizer = open(WORDS.replace("{\"type\":\"WhitespaceSplit\"}", split));
        assertThatThrownBy(() -> tokenizer.encode("a".repeat(200), true, true))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "pattern '(?:a{1,9}){1,60}b' needs too much time for this text of 200"
                                + " characters");
    }

    private static final String ADDED =
            "{\"id\":%d,\"content\":\"%s\",\"special\":%s,\"lstrip\":%s,\"rstrip\":%s,"
                    + "\"single_word\":false,\"normalized\":false}";

    private HuggingFaceTokenizer withAdded(String... tokens) throws IOException {
        return open(
                WORDS.replaceAll(
                        "(?s)\"added_tokens\":\\[.*?\\]",
                        Matcher.quoteReplacement(
                                "\"added_tokens\":[" + String.join(",", tokens) + "]")));
    }

    /// A text of a megabyte that nearly is a long token everywhere, and one of white space around tokens that take it.
    @Test
    void searchesAddedTokensInOneWalk() throws IOException {
        int million = 1_000_000;
        HuggingFaceTokenizer longOnes =
                withAdded(ADDED.formatted(4, "a".repeat(million / 2) + "b", false, false, false));
        HuggingFaceTokenizer greedy =
                withAdded(
                        ADDED.formatted(4, " ", false, false, true),
                        ADDED.formatted(5, "\\t", false, true, false),
                        ADDED.formatted(6, "<s>", true, true, true));
        assertTimeoutPreemptively(
                Duration.ofSeconds(10),
                () -> {
                    assertThat(longOnes.encode("a".repeat(million), true, true)).hasSize(1);
                    assertThat(greedy.encode(" ".repeat(million) + "a", true, true))
                            .hasSize(million + 1);
                    assertThat(greedy.encode(" \t".repeat(million / 2), true, true))
                            .hasSize(million);
                    assertThat(greedy.encode("\n".repeat(million) + "<s>", true, false))
                            .containsExactly(0);
                    assertThat(greedy.encode("\n".repeat(million) + "<s>\n", true, true))
                            .containsExactly(6);
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"Prepend\",\"prepend\":\"%s\"}",
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"%s\"}",
                "{\"type\":\"Sequence\",\"normalizers\":[%2$s]}"
            })
    void normalizersThatMakeTooMuchAreAnError(String normalizer) throws IOException {
        String doubling =
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}";
        String many = (doubling + ",").repeat(33) + doubling;
        HuggingFaceTokenizer tokenizer =
                open(
                        WORDS.replace(
                                "\"normalizer\":null",
                                "\"normalizer\":" + normalizer.formatted("x".repeat(9000), many)));
        assertThatThrownBy(() -> tokenizer.encode("a", true, true))
                .isInstanceOf(TokenizerException.class)
                .hasMessage("the normalizers make more than 64 characters of one");
        assertThatThrownBy(() ->
                        open(
                                WORDS.replace(
                                        "\"decoder\":null",
                                        "\"decoder\":{\"type\":\"Sequence\",\"decoders\":["
                                                + many
                                                + "]}")))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("the decoders make too much of a token");
    }

    /// The limit is that of the whole, not of each sequence in it.
    @Test
    void sequencesInSequencesThatMakeTooMuchAreAnError() throws IOException {
        String replace =
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"%s\"}"
                        .formatted("a".repeat(16));
        String bytes =
                "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":false,"
                        + "\"use_regex\":false}";
        String normalizer = replace;
        String preTokenizer = bytes;
        for (int i = 0; i < 14; i++) {
            normalizer =
                    "{\"type\":\"Sequence\",\"normalizers\":[%s,%s]}"
                            .formatted(replace, normalizer);
            preTokenizer =
                    "{\"type\":\"Sequence\",\"pretokenizers\":[%s,%s]}"
                            .formatted(bytes, preTokenizer);
        }
        Tokenizer normalizing =
                open(WORDS.replace("\"normalizer\":null", "\"normalizer\":" + normalizer));
        assertThatThrownBy(() -> normalizing.encode("a", true, true))
                .isInstanceOf(TokenizerException.class)
                .hasMessage("the normalizers make more than 64 characters of one");
        Tokenizer cutting = open(WORDS.replace("{\"type\":\"WhitespaceSplit\"}", preTokenizer));
        assertThatThrownBy(() -> cutting.encode("é", true, true))
                .isInstanceOf(TokenizerException.class)
                .hasMessage("the pre-tokenizers make more than 64 characters of one");
    }

    /// As Python's `json` and `transformers` read them.
    @Test
    void readsTheFilesBesideItAsTheyAre() throws IOException {
        write("tokenizer.json", WORDS);
        write(
                "tokenizer_config.json",
                """
                {"model_max_length":Infinity,"odd":[NaN,-Infinity],"bos_token":"x","bos_token":"<s>",
                 "added_tokens_decoder":{"5":{"content":"<t>","special":true},"6":{"content":"b"}},
                 "extra_special_tokens":{"image_token":"<image>"}}
                """);
        write("generation_config.json", "{\"eos_token_id\":[3,-1]}");
        write("chat_template.json", "{\"chat_template\":\"of a processor\"}");
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.open(folder);
        assertThat(tokenizer.encode("<t>b<image>", true, true)).containsExactly(5, 6, 7);
        assertThat(tokenizer.vocabulary().bos()).hasValue(4);
        assertThat(tokenizer.vocabulary().endOfGeneration()).containsExactly(3);
        assertThat(tokenizer.decode(new int[] {5, 6, 7}, false, false)).isEqualTo("b");
        assertThat(tokenizer.chatTemplate()).hasValue("of a processor");

        Files.delete(folder.resolve("generation_config.json"));
        write("config.json", "{\"text_config\":{\"eos_token_id\":1}}");
        assertThat(HuggingFaceTokenizer.open(folder).vocabulary().endOfGeneration())
                .containsExactly(1, 3); // 3 is known by its text
        assertThatThrownBy(() -> open("{\"version\":NaN}"))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("wanted a value, got 'N'");
    }

    /// The library 0.23.2 gives the same ids and text.
    @Test
    void wordLevelTokensAreWholePieces() throws IOException {
        String model =
                "\"model\":{\"type\":\"WordLevel\",\"unk_token\":\"%s\",\"vocab\":{\"a\":0,\"bb\":1,\"c\":2}}}";
        HuggingFaceTokenizer tokenizer =
                open(WORDS.replaceAll("(?s)\"model\":.*", model.formatted("a")));
        assertThat(tokenizer.encode("bb x c", true, true)).containsExactly(1, 0, 2);
        assertThat(tokenizer.decode(new int[] {0, 1, 2}, false, true)).isEqualTo("a bb c");
        HuggingFaceTokenizer without =
                open(WORDS.replaceAll("(?s)\"model\":.*", model.formatted("none")));
        assertThatThrownBy(() -> without.encode("x", true, true))
                .isInstanceOf(TokenizerException.class);
    }

    /// Of a Unigram text that stands twice the last is found, and both are printed; as in the library.
    @Test
    void aTextMayStandTwice() throws IOException {
        HuggingFaceTokenizer tokenizer =
                open(
                        WORDS.replaceAll(
                                "(?s)\"model\":.*",
                                "\"model\":{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"<unk>\",0],"
                                    + "[\"a\",-2],[\"a\",-1],[\"b\",-1],[\"ab\",-2.5]]}}"));
        assertThat(tokenizer.encode("ab a", true, true)).containsExactly(2, 3, 2);
        assertThat(tokenizer.decode(new int[] {1, 2}, false, true)).isEqualTo("a a");
    }

    /// Every truncation and many mutants of a file either work or are one line.
    @Test
    void aBrokenFileIsOneLine() throws IOException {
        String whole =
                Files.readString(Goldens.file("tokenizers/huggingface/bpe-prefix/tokenizer.json"));
        String small = WORDS.replaceAll("\\s+", "");
        SplittableRandom random = new SplittableRandom(23);
        for (int i = 0; i < 600; i++) {
            String text = i % 6 == 0 ? whole : small;
            int at = random.nextInt(text.length());
            String mutant =
                    switch (i % 3) {
                        case 0 -> text.substring(0, at);
                        case 1 -> text.substring(0, at) + "9" + text.substring(at + 1);
                        default ->
                                text.substring(0, at)
                                        + "[{\"1,}".charAt(random.nextInt(6))
                                        + text.substring(at);
                    };
            try {
                open(mutant).encode("ab <s>", true, true);
            } catch (TokenizerException e) {
                assertThat(e.getMessage()).doesNotContain("\n");
            }
        }
    }
}
