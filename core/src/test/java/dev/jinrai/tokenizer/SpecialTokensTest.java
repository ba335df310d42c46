package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.CONTROL;
import static dev.jinrai.tokenizer.SmallVocabulary.USER_DEFINED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpecialTokensTest {

    @Test
    void aLongerTokenWinsOverOneThatBeginsBefore() {
        assertThat(partition("xabcdef", "xabc", "bcdef")).containsExactly("xa", "[bcdef]");
    }

    @Test
    void lengthIsCountedInBytes() {
        assertThat(partition("abcdéé", "abcd", "déé")).containsExactly("abc", "[déé]");
    }

    @Test
    void ofEqualLengthTheLowerIdWins() {
        assertThat(partition("abcd", "bcd", "abc")).containsExactly("a", "[bcd]");
        assertThat(partition("abcd", "abc", "bcd")).containsExactly("[abc]", "d");
    }

    @Test
    void oneTokensPlacesAreTakenFromTheLeft() {
        assertThat(partition("aaaaa", "aa")).containsExactly("[aa]", "[aa]", "a");
    }

    @Test
    void neighboursHaveNothingBetween() {
        assertThat(partition("<a><b><a>", "<a>", "<b>")).containsExactly("[<a>]", "[<b>]", "[<a>]");
        assertThat(partition("", "<a>")).isEmpty();
        assertThat(partition("plain", "<a>")).containsExactly("plain");
        assertThat(partition("plain")).containsExactly("plain");
    }

    /// The rule as llama.cpp states it: token by token, each searching what is left.
    private static List<String> partitionByDefinition(
            Vocabulary vocabulary, int[] special, String text) {
        record Part(int start, int end, int id) {}
        List<Part> parts = new ArrayList<>();
        if (!text.isEmpty()) {
            parts.add(new Part(0, text.length(), -1));
        }
        List<Integer> order = new ArrayList<>(IntStream.of(special).boxed().toList());
        order.sort(
                Comparator.comparingInt(
                        id -> -vocabulary.text(id).getBytes(StandardCharsets.UTF_8).length));
        for (int id : order) {
            String token = vocabulary.text(id);
            for (int i = 0; i < parts.size(); i++) {
                Part part = parts.get(i);
                int at = text.indexOf(token, part.start);
                if (part.id >= 0 || at < 0 || at + token.length() > part.end) {
                    continue;
                }
                int leftEnd = at;
                while (vocabulary.stripsLeft(id)
                        && leftEnd > part.start
                        && " \t\n\u000B\f\r".indexOf(text.charAt(leftEnd - 1)) >= 0) {
                    leftEnd--;
                }
                int rightStart = at + token.length();
                while (vocabulary.stripsRight(id)
                        && rightStart < part.end
                        && " \t\n\u000B\f\r".indexOf(text.charAt(rightStart)) >= 0) {
                    rightStart++;
                }
                parts.remove(i);
                if (rightStart < part.end) {
                    parts.add(i, new Part(rightStart, part.end, -1));
                }
                parts.add(i, new Part(at, at + token.length(), id));
                if (part.start < leftEnd) {
                    parts.add(i++, new Part(part.start, leftEnd, -1));
                }
            }
        }
        return parts.stream()
                .map(part -> {
                    String shown = text.substring(part.start, part.end);
                    return part.id >= 0 ? "[" + shown + "]" : shown;
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void findsWhatTheDefinitionFinds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String[] letters = {"a", "b", "<", ">", " ", "\n", "é", "😀", "\u00A0", "[MASK]"};
        for (int round = 0; round < 60; round++) {
            int used = random.nextInt(2, letters.length + 1);
            SmallVocabulary v = SmallVocabulary.withoutBytes();
            for (int i = random.nextInt(1, 40); i > 0; i--) {
                String token = randomText(random, letters, used, random.nextInt(1, 6));
                if (v.id(token) < 0) {
                    v.add(token, 0, random.nextInt(4) == 0 ? CONTROL : USER_DEFINED);
                }
            }
            if (v.id("[MASK]") < 0) {
                v.add("[MASK]", 0, CONTROL);
            }
            // White space after each special token is taken, before the mask token, not at all.
            String name = List.of("Phi-3", "modern-bert", "other").get(random.nextInt(3));
            Vocabulary vocabulary = v.builder().modelName(name).build();
            int[] special = IntStream.range(0, vocabulary.size()).toArray();
            SpecialTokens tokens = new SpecialTokens(vocabulary, special);
            for (int i = 0; i < 20; i++) {
                String text = randomText(random, letters, used, random.nextInt(0, 50));
                assertThat(show(vocabulary, tokens, text))
                        .as("seed %d round %d text '%s'", seed, round, text)
                        .isEqualTo(partitionByDefinition(vocabulary, special, text));
            }
        }
    }

    @Test
    void whiteSpaceBeforeAMaskTokenIsTaken() {
        // The rule for the jina and modern-bert models, here by the model's name.
        SmallVocabulary v = SmallVocabulary.withoutBytes().add("[MASK]", 0, CONTROL);
        Vocabulary vocabulary = v.builder().modelName("Modern-BERT base").build();
        SpecialTokens tokens = new SpecialTokens(vocabulary, new int[] {1, 3});
        assertThat(show(vocabulary, tokens, "a \t[MASK] b<s> \n [MASK]"))
                .containsExactly("a", "[[MASK]]", " b", "[<s>]", "[[MASK]]");
    }

    /// One search a token would read this text 20,000 times; measured: 0.1 s.
    @Test
    void manySpecialTokensDoNotSlowTheSearchDown() {
        SmallVocabulary v = SmallVocabulary.withoutBytes();
        for (int i = 0; i < 20_000; i++) {
            v.add("<|reserved_" + i + "|>", 0, CONTROL);
        }
        Vocabulary vocabulary = v.builder().build();
        SpecialTokens tokens =
                new SpecialTokens(vocabulary, IntStream.range(0, vocabulary.size()).toArray());
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append("<|reserved_").append(i).append("|> and <|reserved_x|> ");
        }
        List<Fragment> fragments =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20),
                        () -> tokens.partition(text.toString().toCharArray(), true));
        assertThat(fragments).hasSize(40_000);
    }

    /// Long runs of white space as single tokens (Gemma has 31 for line breaks): every place begins
    /// a token of every length.
    @Test
    void overlappingTokensOfManyLengthsDoNotSlowTheSearchDown() {
        SmallVocabulary v = SmallVocabulary.withoutBytes();
        for (int n = 1; n <= 31; n++) {
            v.add("\n".repeat(n), 0, USER_DEFINED);
        }
        Vocabulary vocabulary = v.builder().build();
        SpecialTokens tokens =
                new SpecialTokens(vocabulary, IntStream.range(0, vocabulary.size()).toArray());
        char[] text = "\n".repeat(1_000_000).toCharArray();
        List<Fragment> fragments =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> tokens.partition(text, true));
        assertThat(fragments).hasSize(1_000_000 / 31 + 1);
        assertThat(fragments.getLast()).isEqualTo(new Fragment.Special(v.id("\n".repeat(2))));
    }

    /// Every place begins a token of each of 398 lengths, of which most places get none.
    @Test
    void manyLengthsDoNotSlowTheSearchDown() {
        SmallVocabulary v = SmallVocabulary.withoutBytes();
        for (int n = 2; n < 400; n++) {
            v.add("\n".repeat(n), 0, USER_DEFINED);
        }
        Vocabulary vocabulary = v.builder().build();
        SpecialTokens tokens = SpecialTokens.of(vocabulary);
        char[] text = ("\n".repeat(397) + "x").repeat(500).toCharArray();
        List<Fragment> fragments =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(5), () -> tokens.partition(text, true));
        assertThat(fragments).hasSize(1000);
    }

    /// A text of 200,000 letters that nearly is a token of 20,001 at each of them.
    @Test
    void aLongTokenDoesNotSlowTheSearchDown() {
        Vocabulary vocabulary =
                SmallVocabulary.withoutBytes()
                        .add("a".repeat(20_000) + "b", 0, USER_DEFINED)
                        .builder()
                        .build();
        SpecialTokens tokens = SpecialTokens.of(vocabulary);
        char[] text = ("a".repeat(200_000) + "b").toCharArray();
        List<Fragment> fragments =
                assertTimeoutPreemptively(
                        Duration.ofSeconds(5), () -> tokens.partition(text, true));
        assertThat(fragments)
                .containsExactly(new Fragment.Text(0, 180_000), new Fragment.Special(3));
    }

    @Test
    void aTokenOfMoreThan64KiBIsRefused() {
        SmallVocabulary v =
                SmallVocabulary.withoutBytes().add("é".repeat(1 << 15), 0, USER_DEFINED);
        assertThat(SpecialTokens.of(v.builder().build())).isNotNull();
        v.add("é".repeat(1 << 15) + "x", 0, CONTROL);
        Vocabulary vocabulary = v.builder().build();
        assertThatThrownBy(() -> SpecialTokens.of(vocabulary))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "token 4 has 65537 bytes; of type CONTROL it may have 65536, because texts"
                                + " are searched for it");
    }

    @Test
    void userDefinedTokensAreFoundInAnyCase() {
        Vocabulary vocabulary =
                SmallVocabulary.withoutBytes()
                        .add("abcd", 0, CONTROL)
                        .add("abc", 0, USER_DEFINED)
                        .add("ab", 0, CONTROL)
                        .add("a", 0, USER_DEFINED)
                        .builder()
                        .build();
        SpecialTokens tokens = SpecialTokens.of(vocabulary);
        assertThat(show(vocabulary, tokens, "abcdabab")).containsExactly("[abcd]", "[ab]", "[ab]");
        assertThat(tokens.partition("abcdab".toCharArray(), false))
                .containsExactly(
                        new Fragment.Special(4),
                        new Fragment.Text(3, 4),
                        new Fragment.Special(6),
                        new Fragment.Text(5, 6));
    }

    private static List<String> partition(String text, String... special) {
        SmallVocabulary v = SmallVocabulary.withoutBytes();
        for (String token : special) {
            v.add(token, 0, CONTROL);
        }
        Vocabulary vocabulary = v.builder().build();
        int[] ids = IntStream.range(3, 3 + special.length).toArray();
        return show(vocabulary, new SpecialTokens(vocabulary, ids), text);
    }

    /// The fragments as texts, special ones in brackets.
    private static List<String> show(Vocabulary vocabulary, SpecialTokens tokens, String text) {
        return tokens.partition(text.toCharArray(), true).stream()
                .map(fragment ->
                        switch (fragment) {
                            case Fragment.Special(int id) -> "[" + vocabulary.text(id) + "]";
                            case Fragment.Text(int start, int end) -> text.substring(start, end);
                        })
                .toList();
    }

    private static String randomText(
            SplittableRandom random, String[] letters, int used, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters[random.nextInt(used)]);
        }
        return text.toString();
    }
}
