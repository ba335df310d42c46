package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.BYTE;
import static dev.jinrai.tokenizer.SmallVocabulary.CONTROL;
import static dev.jinrai.tokenizer.SmallVocabulary.USER_DEFINED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.testing.Goldens;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class WordPieceTest {
    /// SHA-256 over all 1,112,064 characters, of lines `kind what-it-becomes`, made of llama.cpp
    /// 0.7.0's own tables (`unicode_cpt_flags_from_cpt`, `unicode_cpts_normalize_nfd`,
    /// `unicode_tolower`). A JVM with a newer Unicode than 16 fails here: what is new to it belongs
    /// into [LaterCharacters].
    private static final String LLAMA_CPPS_CHARACTERS =
            "262017ede48d459d02c6e54d65eb668db56460d3e86c66c48ca3f7191e13a226";

    @Test
    void makesOfEveryCharacterWhatLlamaCppMakes() throws NoSuchAlgorithmException {
        BertCharacters characters = new BertCharacters(true, true);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                continue;
            }
            int answer = characters.look(c);
            String line =
                    switch (BertCharacters.kind(answer)) {
                        case BertCharacters.SPACE -> "space 0\n";
                        case BertCharacters.NOTHING -> "nothing 0\n";
                        case BertCharacters.WORD ->
                                "word %x\n".formatted(BertCharacters.becomes(answer));
                        default -> "in word %x\n".formatted(BertCharacters.becomes(answer));
                    };
            digest.update(line.getBytes(UTF_8));
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(LLAMA_CPPS_CHARACTERS);
    }

    @Test
    void takesTheLongestTokenThatBeginsTheRestOfTheWord() {
        Tokenizer tokenizer = small("▁un", "▁una", "aff", "affable", "able", "ble");
        assertThat(texts(tokenizer, "unaffable")).containsExactly("[UNK]"); // after ▁una no ff
        assertThat(texts(small("▁un", "▁u", "aff", "affab", "able"), "UNaffable"))
                .containsExactly("[UNK]"); // after affab no le
        assertThat(texts(small("▁un", "aff", "able"), "Ünaffable un"))
                .containsExactly("▁un", "aff", "able", "▁un");
    }

    @Test
    void punctuationAndChineseCharactersAreWordsAndControlCharactersNothing() {
        Tokenizer tokenizer = small("▁a", "a", "▁,", "▁漢", "▁字");
        assertThat(texts(tokenizer, "a,a漢字a\u0000a\u0301"))
                .containsExactly("▁a", "▁,", "▁a", "▁漢", "▁字", "▁a", "a");
    }

    @Test
    void aTextHasBosInFrontAndSepAtItsEndWhateverTheFlagsSay() {
        for (boolean flag : new boolean[] {false, true}) {
            Tokenizer tokenizer =
                    vocabulary("▁a")
                            .flag("add_bos_token", flag)
                            .flag("add_sep_token", flag)
                            .tokenizer();
            assertThat(tokenizer.encode("a [SEP]", true, true)).containsExactly(1, 4, 2, 2);
            assertThat(tokenizer.encode("", true, true)).containsExactly(1, 2);
            assertThat(tokenizer.addedInFront()).hasValue(1);
            assertThat(tokenizer.addedAtEnd()).hasValue(2);
            assertThat(tokenizer.vocabulary().addSep()).isEqualTo(flag);
        }
    }

    @Test
    void aUserDefinedTokenIsCutOutBeforeWordsAre() {
        Tokenizer tokenizer = vocabulary("▁a").add("x, Y", 0, USER_DEFINED).tokenizer();
        assertThat(texts(tokenizer, "ax, Ya")).containsExactly("▁a", "x, Y", "▁a");
    }

    @Test
    void decodesWithSpacesInFrontOfWordsAndNoneBeforePunctuation() {
        Tokenizer tokenizer = small("▁a", "b", "▁.");
        int[] ids = tokenizer.encode("ab .", true, false);
        assertThat(tokenizer.decode(ids, true, true)).isEqualTo(" ab.[SEP]");
    }

    /// What is quadratic takes minutes for these, what recurses overflows the stack.
    @Test
    void takesLinearTimeAndLittleStackWhateverTheText() {
        Tokenizer tokenizer =
                TokenizerGoldens.open(Goldens.file("tokenizers/wordpiece/vocab.gguf"));
        for (String unit :
                List.of("a", "Q", "é", "漢", " ", "a ", ".", "e\u0301", "[", "[x ", "\u0000")) {
            String text = unit.repeat((1 << 20) / unit.length());
            int[] ids =
                    Assertions.assertTimeoutPreemptively(
                            Duration.ofSeconds(10), () -> tokenizer.encode(text, true, true));
            assertThat(ids).hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void threadsShareOne() {
        Tokenizer tokenizer = small("▁a", "b", "▁.", "▁ж", "▁ø");
        String text = "ab . Ж Ø \uD834\uDD1E ab ".repeat(300);
        int[] expected = small("▁a", "b", "▁.", "▁ж", "▁ø").encode(text, true, true);
        List<int[]> all =
                IntStream.range(0, 32)
                        .parallel()
                        .mapToObj(_ -> tokenizer.encode(text, true, true))
                        .toList();
        assertThat(all).allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
    }

    @Test
    void whatCannotWorkIsOneLine() {
        assertThatThrownBy(() -> vocabulary().add("<0x41>", 0, BYTE).tokenizer())
                .isInstanceOf(TokenizerException.class)
                .hasMessage("token 4 '<0x41>' is of type BYTE, which WordPiece does not have");
        Tokenizer small =
                new MadeVocabulary("bert")
                        .add("[CLS]", 0, CONTROL)
                        .add("▁a")
                        .id("bos_token_id", 0)
                        .tokenizer(); // 100 and 102, the defaults, are outside
        assertThat(small.encode("a", false, false)).containsExactly(1);
        assertThatThrownBy(() -> small.encode("a", true, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("seperator_token_id");
        assertThatThrownBy(() -> small.encode("b", false, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("unknown_token_id");
    }

    /// `[UNK]` 0, `[CLS]` 1, `[SEP]` 2, `[MASK]` 3, then the tokens.
    private static MadeVocabulary vocabulary(String... tokens) {
        return new MadeVocabulary("bert")
                .add("[UNK]", 0, CONTROL)
                .add("[CLS]", 0, CONTROL)
                .add("[SEP]", 0, CONTROL)
                .add("[MASK]", 0, CONTROL)
                .add(tokens)
                .id("unknown_token_id", 0)
                .id("bos_token_id", 1)
                .id("seperator_token_id", 2)
                .id("mask_token_id", 3);
    }

    private static Tokenizer small(String... tokens) {
        return vocabulary(tokens).tokenizer();
    }

    private static List<String> texts(Tokenizer tokenizer, String text) {
        return IntStream.of(tokenizer.encode(text, false, false))
                .mapToObj(tokenizer.vocabulary()::text)
                .toList();
    }
}
