package dev.jinrai.tokenizer;

import static dev.jinrai.tokenizer.SmallVocabulary.BYTE;
import static dev.jinrai.tokenizer.SmallVocabulary.CONTROL;
import static dev.jinrai.tokenizer.SmallVocabulary.NORMAL;
import static dev.jinrai.tokenizer.SmallVocabulary.UNKNOWN;
import static dev.jinrai.tokenizer.SmallVocabulary.UNUSED;
import static dev.jinrai.tokenizer.SmallVocabulary.USER_DEFINED;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.testing.Goldens;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

final class UnigramTest {

    /// The check tries every way to cut the text and adds up; it knows no trie and no Viterbi. The
    /// scores are random, so no two sums are equal.
    @Test
    void findsTheBestOfAllSegmentations() {
        long seed = 20261121;
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            Map<String, Float> pieces = new LinkedHashMap<>();
            MadeVocabulary vocabulary = vocabulary();
            int count = 4 + random.nextInt(20);
            for (int i = 0; i < count; i++) {
                String piece = text(random, 1 + random.nextInt(4));
                float score = -1 - 12 * random.nextFloat();
                if (pieces.putIfAbsent(piece, score) == null) {
                    vocabulary.add(piece, score, NORMAL);
                }
            }
            Tokenizer tokenizer = vocabulary.tokenizer();
            for (int i = 0; i < 10; i++) {
                String text = text(random, 1 + random.nextInt(9));
                assertThat(texts(tokenizer, text))
                        .as("seed %d, round %d, '%s' of %s", seed, round, text, pieces)
                        .isEqualTo(best(text, pieces));
            }
        }
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(List.of("a", "b", "é", "漢", "😀").get(random.nextInt(5)));
        }
        return text.toString();
    }

    private static List<String> best(String text, Map<String, Float> pieces) {
        double lowest = pieces.values().stream().min(Float::compare).orElseThrow();
        List<String> best = List.of();
        double bestSum = Double.NEGATIVE_INFINITY;
        int[] letters = text.codePoints().toArray();
        for (int cuts = 0; cuts < 1 << (letters.length - 1); cuts++) {
            List<String> row = new ArrayList<>();
            double sum = 0;
            int from = 0;
            for (int to = 1; to <= letters.length; to++) {
                if (to < letters.length && (cuts >> (to - 1) & 1) == 0) {
                    continue;
                }
                String part = new String(letters, from, to - from);
                Float score = pieces.get(part);
                if (score == null && to - from > 1) {
                    sum = Double.NEGATIVE_INFINITY;
                }
                sum += score == null ? lowest - 10 : score;
                String shown = score == null ? "<unk>" : part;
                if (!shown.equals("<unk>") || row.isEmpty() || !row.getLast().equals(shown)) {
                    row.add(shown);
                }
                from = to;
            }
            if (sum > bestSum) {
                best = row;
                bestSum = sum;
            }
        }
        return best;
    }

    @Test
    void ofEqualSumsTheOneIsTakenWhoseLastTokenBeginsFirst() {
        Tokenizer tokenizer =
                vocabulary()
                        .add("a", -1, NORMAL)
                        .add("b", -1, NORMAL)
                        .add("ab", -2, NORMAL)
                        .add("ba", -2, NORMAL)
                        .tokenizer();
        assertThat(texts(tokenizer, "ab")).containsExactly("ab");
        assertThat(texts(tokenizer, "aba")).containsExactly("a", "ba");
    }

    @Test
    void userDefinedTokensCostNothingAndUnusedOnesAreChosenByTheirScore() {
        Tokenizer tokenizer =
                vocabulary()
                        .add("a", -1, NORMAL)
                        .add("<x>", -99, USER_DEFINED)
                        .add("aa", -1, UNUSED)
                        .add("<0x62>", 0, BYTE)
                        .add("</s>a", 0, CONTROL)
                        .tokenizer();
        assertThat(texts(tokenizer, "a<x>aa")).containsExactly("a", "<x>", "aa");
        assertThat(texts(tokenizer, "bba")).containsExactly("<unk>", "a"); // no byte is chosen
        assertThat(tokenizer.piece(tokenizer.vocabulary().find("<0x62>").getAsInt(), false))
                .isEqualTo(new byte[] {'b'});
        assertThat(tokenizer.piece(tokenizer.vocabulary().find("aa").getAsInt(), true)).isEmpty();
    }

    @Test
    void spacesAreMergedPrefixedOrKept() {
        assertThat(spaces("a  b ", true, true)).containsExactly("▁", "a", "▁", "b");
        assertThat(spaces("a  b ", false, true)).containsExactly("▁", "a", "▁", "b");
        assertThat(spaces("a  b ", true, false)).containsExactly("▁", "a", "▁", "▁", "b", "▁");
        assertThat(spaces("a  b ", false, false)).containsExactly("a", "▁", "▁", "b", "▁");
        assertThat(spaces("  ", true, true)).isEmpty();
    }

    private static List<String> spaces(String text, boolean prefix, boolean merge) {
        return texts(
                vocabulary()
                        .add("▁", -1, NORMAL)
                        .add("a", -1, NORMAL)
                        .add("b", -1, NORMAL)
                        .flag("add_space_prefix", prefix)
                        .flag("remove_extra_whitespaces", merge)
                        .tokenizer(),
                text);
    }

    /// A double array laid by hand: `ab` becomes `c`, `a` becomes nothing.
    private static byte[] charsmap() {
        int[] units = new int[0x800];
        units[0] = 0x100 << 10; // the root's children are at 0x100 ^ byte
        units[0x161] = 0x200 << 10 | 1 << 8 | 'a'; // children at 0x361 ^ byte; its own end at 0x361
        units[0x361] = 1 << 31 | 2;
        units[0x303] = 0x400 << 10 | 1 << 8 | 'b'; // 0x361 ^ 'b'; its end at 0x303 ^ 0x400
        units[0x703] = 1 << 31;
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * units.length + 3);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(4 * units.length);
        Arrays.stream(units).forEach(bytes::putInt);
        return bytes.put("c\0\0".getBytes(UTF_8)).array();
    }

    @Test
    void theLongestStretchIsReplaced() {
        Tokenizer tokenizer =
                vocabulary()
                        .add("a", -1, NORMAL)
                        .add("b", -1, NORMAL)
                        .add("c", -1, NORMAL)
                        .bytes("precompiled_charsmap", charsmap())
                        .tokenizer();
        assertThat(texts(tokenizer, "abbaab")).containsExactly("c", "b", "c");
    }

    /// As in llama.cpp, which does not ask whether the token ends: the `a` of `ax` is not replaced.
    @Test
    void theBeginningOfAUserDefinedTokenIsNotNormalized() {
        Tokenizer tokenizer =
                vocabulary()
                        .add("a", -1, NORMAL)
                        .add("b", -1, NORMAL)
                        .add("ax", -1, USER_DEFINED)
                        .add("éx", -1, USER_DEFINED)
                        .bytes("precompiled_charsmap", charsmap())
                        .tokenizer();
        assertThat(texts(tokenizer, "ab")).containsExactly("a", "b");
        // è begins with the same byte as é; the rest of it is no character.
        assertThat(texts(tokenizer, "bèb")).containsExactly("b", "<unk>", "b");
    }

    @Test
    void aCharsmapThatCannotBeReadIsOneLine() {
        byte[] whole = charsmap();
        for (int length : new int[] {0, 3, 4, 100, whole.length - 3}) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> withCharsmap(cut))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessageStartingWith("key 'tokenizer.ggml.precompiled_charsmap': ");
        }
        byte[] unended = Arrays.copyOf(whole, whole.length - 2);
        assertThatThrownBy(() -> withCharsmap(unended).encode("ab", false, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("does not end");
        byte[] outside = whole.clone();
        outside[4 + 3] = 0x7F; // the root's offset
        assertThatThrownBy(() -> withCharsmap(outside).encode("b", false, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("leads to unit");
    }

    /// From 'a' back to itself, so that each letter of a text of them would be read to its end.
    @Test
    void aCharsmapThatLeadsInACircleIsOneLine() {
        ByteBuffer table = ByteBuffer.allocate(4 + 512 * 4 + 2).order(ByteOrder.LITTLE_ENDIAN);
        table.putInt(0, 512 * 4);
        table.putInt(4, 0x100 << 10);
        table.putInt(4 + 0x161 * 4, 0x61 << 10 | 0x61);
        table.put(4 + 512 * 4, (byte) 'x');
        assertThatThrownBy(() -> withCharsmap(table.array()))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        "key 'tokenizer.ggml.precompiled_charsmap': its array leads in a circle or"
                                + " through more than 1024 bytes");
    }

    private static Tokenizer withCharsmap(byte[] charsmap) {
        return vocabulary()
                .add("b", -1, NORMAL)
                .bytes("precompiled_charsmap", charsmap)
                .tokenizer();
    }

    @Test
    void aTextEndsWithEosUnlessTheFileSaysOtherwise() {
        assertThat(vocabulary().add("b", -1, NORMAL).tokenizer().encode("b", true, false))
                .containsExactly(3, 1);
        assertThat(
                        vocabulary()
                                .add("b", -1, NORMAL)
                                .flag("add_eos_token", false)
                                .id("bos_token_id", 0)
                                .flag("add_bos_token", true)
                                .tokenizer()
                                .encode("b", true, false))
                .containsExactly(0, 3);
    }

    @Test
    void withoutAnUnknownTokenAnUnknownCharacterIsAnError() {
        Tokenizer tokenizer =
                new MadeVocabulary("t5").add("a", -1, NORMAL).add("</s>", 0, CONTROL).tokenizer();
        assertThat(tokenizer.encode("aa", true, false)).containsExactly(0, 0, 1);
        assertThatThrownBy(() -> tokenizer.encode("ab", true, false))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining("none for the unknown");
    }

    /// What is quadratic takes minutes for these, what recurses overflows the stack.
    @Test
    void takesLinearTimeAndLittleStackWhateverTheText() {
        Tokenizer tokenizer = TokenizerGoldens.open(Goldens.file("tokenizers/unigram/vocab.gguf"));
        for (String unit :
                List.of("a", "Q", "é", "漢", " ", "a ", "<extra_id_", "e\u0301", "\u0000")) {
            String text = unit.repeat((1 << 20) / unit.length());
            int[] ids =
                    Assertions.assertTimeoutPreemptively(
                            Duration.ofSeconds(10), () -> tokenizer.encode(text, true, true));
            assertThat(ids).isNotEmpty();
        }
    }

    /// `<pad>` 0, `</s>` 1, `<unk>` 2, then what a test adds.
    private static MadeVocabulary vocabulary() {
        return new MadeVocabulary("t5")
                .add("<pad>", 0, CONTROL)
                .add("</s>", 0, CONTROL)
                .add("<unk>", 0, UNKNOWN);
    }

    private static List<String> texts(Tokenizer tokenizer, String text) {
        return IntStream.of(tokenizer.encode(text, false, false))
                .mapToObj(tokenizer.vocabulary()::text)
                .toList();
    }
}
