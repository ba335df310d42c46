package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.CONTROL;
import static dev.jinrai.tokenizer.SmallVocabulary.NORMAL;
import static dev.jinrai.tokenizer.SmallVocabulary.UNUSED;
import static dev.jinrai.tokenizer.SmallVocabulary.USER_DEFINED;
import static dev.jinrai.tokenizer.SmallVocabulary.byteId;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SentencePieceTest {
    private static final int BOS = 1;
    private static final int EOS = 2;

    @Test
    void onlyTheSpaceBecomesU2581() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁", "a");
        assertThat(v.tokenizer().encode("a \t\r\n\u00A0a", false, false))
                .containsExactly(
                        v.id("▁"),
                        v.id("a"),
                        v.id("▁"),
                        byteId('\t'),
                        byteId('\r'),
                        byteId('\n'),
                        byteId(0xC2),
                        byteId(0xA0),
                        v.id("a"));
    }

    @Test
    void aTextGetsASpaceInFrontAtTheStartAndAfterEachSpecialToken() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁a", "▁", "a", "b");
        assertThat(v.tokenizer().encode("ab</s>a</s></s>ba", true, true))
                .containsExactly(
                        BOS,
                        v.id("▁a"),
                        v.id("b"),
                        EOS,
                        v.id("▁a"),
                        EOS,
                        EOS,
                        v.id("▁"),
                        v.id("b"),
                        v.id("a"));
    }

    @Test
    void noSpaceComesInFrontWhenTheFileSaysSo() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁a", "▁", "a");
        Tokenizer tokenizer = new SentencePiece(v.builder().addSpacePrefix(false).build());
        assertThat(tokenizer.encode("a</s>a", true, true))
                .containsExactly(BOS, v.id("a"), EOS, v.id("a"));
    }

    @Test
    void aPromptBeginsWithBosAndEndsWithoutEos() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁", "a");
        assertThat(v.tokenizer().encode("a", true, false))
                .containsExactly(BOS, v.id("▁"), v.id("a"));
        assertThat(v.tokenizer().encode("a", false, false)).containsExactly(v.id("▁"), v.id("a"));
    }

    @Test
    void bosAndEosAreAddedAsTheFileSays() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁", "a");
        Tokenizer tokenizer = new SentencePiece(v.builder().addBos(false).addEos(true).build());
        assertThat(tokenizer.encode("a", true, false)).containsExactly(v.id("▁"), v.id("a"), EOS);
        assertThat(tokenizer.encode("", true, false)).containsExactly(EOS);
    }

    @Test
    void theEmptyTextHasNoTokensOfItsOwn() {
        Tokenizer tokenizer = SmallVocabulary.withBytes().add("▁").tokenizer();
        assertThat(tokenizer.encode("", false, true)).isEmpty();
        assertThat(tokenizer.encode("", true, true)).containsExactly(BOS);
    }

    @Test
    void theHighestScoreIsMergedFirst() {
        SmallVocabulary v =
                SmallVocabulary.withBytes()
                        .add("a", -9, NORMAL)
                        .add("b", -9, NORMAL)
                        .add("c", -9, NORMAL)
                        .add("ab", -2, NORMAL)
                        .add("bc", -1, NORMAL);
        assertThat(encodeBare(v, "abc")).containsExactly(v.id("a"), v.id("bc"));
    }

    @Test
    void ofEqualScoresTheLeftmostIsMergedFirst() {
        SmallVocabulary v =
                SmallVocabulary.withBytes()
                        .add("a", -9, NORMAL)
                        .add("b", -9, NORMAL)
                        .add("aa", -1, NORMAL)
                        .add("ab", -1, NORMAL);
        assertThat(encodeBare(v, "aab")).containsExactly(v.id("aa"), v.id("b"));
        assertThat(encodeBare(v, "aaaaa")).containsExactly(v.id("aa"), v.id("aa"), v.id("a"));
    }

    @Test
    void minusZeroAndZeroAreEqualScores() {
        SmallVocabulary v =
                SmallVocabulary.withBytes()
                        .add("a", -9, NORMAL)
                        .add("b", -9, NORMAL)
                        .add("c", -9, NORMAL)
                        .add("ab", -0.0, NORMAL)
                        .add("bc", 0.0, NORMAL);
        assertThat(encodeBare(v, "abc")).containsExactly(v.id("ab"), v.id("c"));
    }

    @Test
    void mergesMeetTokensOfAnyType() {
        // llama.cpp looks a merge up by its text alone, so a control token can arise unparsed.
        SmallVocabulary v =
                SmallVocabulary.withBytes()
                        .add("<|", -5, NORMAL)
                        .add("x|", -4, UNUSED)
                        .add("<|x|", -3, CONTROL);
        assertThat(encodeBare(v, "<|x|")).containsExactly(v.id("<|x|"));
        assertThat(encodeBare(v, "ax|")).containsExactly(byteId('a'), v.id("x|"));
    }

    @Test
    void aCharacterThatIsNoTokenBecomesItsUtf8Bytes() {
        SmallVocabulary v = SmallVocabulary.withBytes();
        assertThat(encodeBare(v, "é漢😀"))
                .containsExactly(
                        byteId(0xC3),
                        byteId(0xA9),
                        byteId(0xE6),
                        byteId(0xBC),
                        byteId(0xA2),
                        byteId(0xF0),
                        byteId(0x9F),
                        byteId(0x98),
                        byteId(0x80));
    }

    @Test
    void aCharacterBeyondU10000IsOneLetter() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("😀😀", "😀");
        assertThat(encodeBare(v, "😀😀😀")).containsExactly(v.id("😀😀"), v.id("😀"));
    }

    @Test
    void anUnpairedSurrogateIsReadAsTheReplacementCharacter() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("a", "😀");
        int[] replacement = {byteId(0xEF), byteId(0xBF), byteId(0xBD)};
        assertThat(encodeBare(v, "\uD83D")).containsExactly(replacement);
        assertThat(encodeBare(v, "\uDE00\uD83D"))
                .isEqualTo(
                        IntStream.concat(IntStream.of(replacement), IntStream.of(replacement))
                                .toArray());
        assertThat(encodeBare(v, "a\uD83D\uD83D\uDE00"))
                .containsExactly(
                        v.id("a"), replacement[0], replacement[1], replacement[2], v.id("😀"));
    }

    @Test
    void withoutByteTokensARunOfUnknownCharactersIsOneUnknownToken() {
        SmallVocabulary v = SmallVocabulary.withoutBytes().add("a", "b");
        assertThat(encodeBare(v, "aéèbé</s>é")).containsExactly(v.id("a"), 0, v.id("b"), 0);
        Tokenizer tokenizer = new SentencePiece(v.builder().addSpacePrefix(false).build());
        assertThat(tokenizer.encode("é</s>é", false, true)).containsExactly(0, EOS, 0);
    }

    @Test
    void withoutAnUnknownTokenAnUnknownCharacterIsAnError() {
        Vocabulary vocabulary =
                new VocabularyBuilder().tokens(List.of("a", "b")).scores(0, 0).build();
        assertThatThrownBy(() -> new SentencePiece(vocabulary).encode("é", false, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "the vocabulary has no token for U+00E9, for its bytes, or for the"
                                + " unknown");
    }

    @Test
    void controlTokensInATextAreParsedOnRequestOnly() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("x");
        Tokenizer tokenizer = new SentencePiece(v.builder().addSpacePrefix(false).build());
        assertThat(tokenizer.encode("<s>x", false, true)).containsExactly(BOS, v.id("x"));
        assertThat(tokenizer.encode("<s>x", false, false))
                .containsExactly(byteId('<'), byteId('s'), byteId('>'), v.id("x"));
    }

    @Test
    void userDefinedTokensAreFoundAlways() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("[x]", 0, USER_DEFINED).add("[x");
        assertThat(encodeBare(v, "[x][x")).containsExactly(v.id("[x]"), v.id("[x"));
    }

    @Test
    void piecesPrintByType() {
        SmallVocabulary v =
                SmallVocabulary.withBytes()
                        .add("▁a▁")
                        .add("▁u", 0, USER_DEFINED)
                        .add("gone", 0, UNUSED)
                        .add("odd", 0, 17);
        Tokenizer tokenizer = v.tokenizer();
        assertThat(piece(tokenizer, v.id("▁a▁"), false)).isEqualTo(" a ");
        assertThat(piece(tokenizer, v.id("▁u"), false)).isEqualTo("▁u");
        assertThat(piece(tokenizer, v.id("gone"), true)).isEmpty();
        assertThat(piece(tokenizer, v.id("odd"), true)).isEmpty();
        assertThat(piece(tokenizer, EOS, false)).isEmpty();
        assertThat(piece(tokenizer, EOS, true)).isEqualTo("</s>");
        assertThat(piece(tokenizer, 0, false)).isEmpty();
        assertThat(tokenizer.piece(byteId(0xE2), false)).containsExactly(0xE2);
    }

    @Test
    void anIdOutsideTheVocabularyIsAnError() {
        Tokenizer tokenizer = SmallVocabulary.withoutBytes().tokenizer();
        for (int id : new int[] {-1, 3, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> tokenizer.piece(id, false))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessage("token id %d is outside the vocabulary of 3 tokens".formatted(id));
        }
    }

    @Test
    void aByteTokenThatNamesNoByteIsAnError() {
        for (String text : List.of("<0xG0>", "<0x1>", "a", "<0x00>x")) {
            SmallVocabulary v = SmallVocabulary.withoutBytes().add(text, 0, SmallVocabulary.BYTE);
            assertThatThrownBy(v::tokenizer)
                    .isInstanceOf(TokenizerException.class)
                    .hasMessageContaining("token 3 '%s' is of type BYTE".formatted(text));
        }
    }

    /// The definition of the merging, on strings, with nothing clever in it.
    private static List<Integer> mergeByDefinition(Vocabulary vocabulary, String text) {
        List<String> symbols = new ArrayList<>();
        text.codePoints().forEach(c -> symbols.add(Character.toString(c)));
        while (true) {
            int best = -1;
            float bestScore = 0;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                var id = vocabulary.find(symbols.get(i) + symbols.get(i + 1));
                if (id.isPresent() && (best < 0 || vocabulary.score(id.getAsInt()) > bestScore)) {
                    best = i;
                    bestScore = vocabulary.score(id.getAsInt());
                }
            }
            if (best < 0) {
                break;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
        List<Integer> ids = new ArrayList<>();
        for (String symbol : symbols) {
            var id = vocabulary.find(symbol);
            if (id.isPresent()) {
                ids.add(id.getAsInt());
            } else {
                for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
                    ids.add(byteId(b & 0xFF));
                }
            }
        }
        return ids;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void mergesAsTheDefinitionDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String[] letters = {"a", "b", "c", "▁", "é", "漢", "😀", "\uD83D\uDE01", "\n"};
        for (int round = 0; round < 40; round++) {
            int used = random.nextInt(1, letters.length + 1);
            SmallVocabulary v = SmallVocabulary.withBytes();
            int scores = random.nextInt(1, 6);
            for (int i = random.nextInt(1, 60); i > 0; i--) {
                String token = randomText(random, letters, used, random.nextInt(1, 7));
                if (v.id(token) < 0) {
                    v.add(token, -random.nextInt(scores), NORMAL);
                }
            }
            Vocabulary vocabulary = v.builder().addSpacePrefix(false).build();
            Tokenizer tokenizer = new SentencePiece(vocabulary);
            for (int i = 0; i < 20; i++) {
                String text = randomText(random, letters, used, random.nextInt(0, 60));
                assertThat(tokenizer.encode(text, false, false))
                        .as("seed %d round %d text '%s'", seed, round, text)
                        .containsExactly(
                                mergeByDefinition(vocabulary, text).toArray(Integer[]::new));
            }
        }
    }

    private static String randomText(
            SplittableRandom random, String[] letters, int used, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters[random.nextInt(used)]);
        }
        return text.toString();
    }

    /// A quadratic algorithm would need minutes for these; measured: 0.2 s at most.
    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "aab", " ", "é", "😀", "</s>", "[x]", "[x", "\n"})
    void aMillionLettersOfOnePatternTakeSecondsAtMost(String pattern) {
        SmallVocabulary v = SmallVocabulary.withBytes().add("[x]", 0, USER_DEFINED);
        for (String unit : List.of("a", "▁", "é", "😀", "ab", "ba")) {
            for (int n = 1; n <= 16; n *= 2) {
                v.add(unit.repeat(n));
            }
        }
        Tokenizer tokenizer = v.tokenizer();
        String text = pattern.repeat(1_000_000 / pattern.length());
        int[] ids =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> tokenizer.encode(text, false, true));
        assertThat(tokenizer.decode(ids, false, true)).isEqualTo(text);
    }

    @Test
    void threadsShareOne() {
        SmallVocabulary v = SmallVocabulary.withBytes().add("▁a", "ab", "ba", "a", "b", "▁");
        Tokenizer tokenizer = v.tokenizer();
        String text = "ab ba </s>aab ".repeat(50);
        int[] expected = tokenizer.encode(text, true, true);
        assertThat(
                        IntStream.range(0, 200)
                                .parallel()
                                .mapToObj(i -> tokenizer.encode(text, true, true)))
                .allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
    }

    private static int[] encodeBare(SmallVocabulary v, String text) {
        return new SentencePiece(v.builder().addSpacePrefix(false).build())
                .encode(text, false, false);
    }

    private static String piece(Tokenizer tokenizer, int id, boolean special) {
        return new String(tokenizer.piece(id, special), StandardCharsets.UTF_8);
    }
}
