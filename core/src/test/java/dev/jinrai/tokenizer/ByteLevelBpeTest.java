package dev.jinrai.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.gguf.ValueType;
import dev.jinrai.testing.Goldens;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ByteLevelBpeTest {
    private static final int SHORT = 1 << 13;
    private static final int SMALL_STACK = 1 << 18;

    /// What is quadratic takes 16 times as long for four times the text; what recurses overflows
    /// the stack. Times are best of several: other work makes one longer, nothing makes it shorter.
    @ParameterizedTest
    @MethodSource("dev.jinrai.tokenizer.TokenizerGoldens#splits")
    void takesLinearTimeAndLittleStackWhateverTheText(String pre) throws Exception {
        Tokenizer tokenizer = presplit(pre);
        List<String> units =
                List.of("a", "A", "aA", "a ", " ", "\t", "\n", " \n", "1", "'", "!", "~", "é", "漢");
        List<String> wrong = new ArrayList<>();
        FutureTask<Boolean> all =
                new FutureTask<>(
                        () ->
                                units.stream()
                                        .filter(unit -> !isLinear(tokenizer, unit))
                                        .forEach(wrong::add),
                        true);
        new Thread(null, all, "small stack", SMALL_STACK).start();
        all.get();
        assertThat(wrong).isEmpty();
    }

    private static boolean isLinear(Tokenizer tokenizer, String unit) {
        String text = unit.repeat(SHORT / unit.length()) + "x";
        String longer = unit.repeat(4 * SHORT / unit.length()) + "x";
        for (int tries = 0; tries < 5; tries++) {
            if (nanos(tokenizer, longer) < 8 * nanos(tokenizer, text) + 2_000_000) {
                return true;
            }
        }
        return false;
    }

    /// The best of three.
    private static long nanos(Tokenizer tokenizer, String text) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            assertThat(tokenizer.encode(text, false, false)).isNotEmpty();
            best = Math.min(best, System.nanoTime() - start);
        }
        return best;
    }

    @Test
    void threadsShareOne() {
        Tokenizer tokenizer = presplit("qwen2");
        String text = "The quick brown fox, it's 2024!\n\n über 漢字 ".repeat(200);
        int[] expected = presplit("qwen2").encode(text, true, true);
        List<int[]> all =
                IntStream.range(0, 32)
                        .parallel()
                        .mapToObj(i -> tokenizer.encode(text, true, true))
                        .toList();
        assertThat(all).allSatisfy(ids -> assertThat(ids).isEqualTo(expected));
    }

    @Test
    void givesBackWhatItRead() {
        Tokenizer tokenizer = presplit("qwen2"); // which cleans nothing up
        String text = "It 's  a 漢字 ,\u0000\u0085 \t👍🏽 \uD800!";
        String back = tokenizer.decode(tokenizer.encode(text, false, false), false, false);
        assertThat(back).isEqualTo(text.replace('\uD800', '\uFFFD'));
    }

    @Test
    void anUnknownPreTokenizerIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> tokenizer("who\nknows", "a b"))
                .isInstanceOf(UnsupportedTokenizerException.class)
                .hasMessageStartingWith(
                        "pre-tokenizer 'who\\u{A}knows' (key 'tokenizer.ggml.pre') is not"
                                + " supported (known: a.x-4.0, afmoe, ")
                .hasMessageEndingWith(", youtu)");
    }

    @Test
    void aMalformedMergeIsOneLine() {
        for (String merge : List.of("", "ab", " a", "a ")) {
            assertThatThrownBy(() -> tokenizer("gpt-2", "a b", merge))
                    .isInstanceOf(TokenizerException.class)
                    .hasMessage(
                            "key 'tokenizer.ggml.merges': merge 1 '%s' is not two texts with a"
                                    + " space between them",
                            merge);
        }
    }

    @Test
    void mergesByRankAndThenFromTheLeft() {
        assertThat(tokenizer("gpt-2", "b c", "a b").encode("abc", false, false))
                .containsExactly(0, 4);
        assertThat(tokenizer("gpt-2", "a b", "b c").encode("abc", false, false))
                .containsExactly(3, 2);
    }

    @Test
    void aWordThatIsATokenNeedsNoMergesWhereTheyAreIgnored() {
        assertThat(tokenizer("gpt-2", "a b").encode("bc", false, false)).containsExactly(1, 2);
        assertThat(tokenizer("youtu", "a b").encode("bc", false, false)).containsExactly(4);
        assertThat(tokenizer("glm4", "a b").encode("bc", false, false)).containsExactly(4);
    }

    @Test
    void whatHasNoTokenIsLeftOut() {
        assertThat(tokenizer("gpt-2", "a b").encode("aéb?c", false, false))
                .containsExactly(0, 1, 2);
    }

    @Test
    void cleansUpSpacesByteByByte() {
        String text = " a .  , it 's 're 'x ' b ' ' c 'v '";
        String clean = " a. , it's're 'x'b'' c 'v '";
        for (int step = 1; step <= text.length(); step++) {
            SpaceCleanup cleanup = new SpaceCleanup();
            StringBuilder out = new StringBuilder();
            for (int i = 0; i < text.length(); i += step) {
                String part = text.substring(i, Math.min(i + step, text.length()));
                byte[] bytes = cleanup.append(part.getBytes(StandardCharsets.UTF_8));
                out.append(new String(bytes, StandardCharsets.UTF_8));
            }
            out.append(new String(cleanup.flush(), StandardCharsets.UTF_8));
            assertThat(out.toString()).isEqualTo(clean);
        }
    }

    private static Tokenizer presplit(String pre) {
        Path file = Goldens.file("tokenizers/presplit/ggml-vocab-presplit.gguf");
        return TokenizerGoldens.open(file, pre);
    }

    /// Tokens a 0, b 1, c 2, ab 3, bc 4.
    private static Tokenizer tokenizer(String pre, String... merges) {
        Map<String, MetadataValue> values = new HashMap<>();
        values.put("tokenizer.ggml.model", new MetadataValue.Text("gpt2"));
        values.put("tokenizer.ggml.pre", new MetadataValue.Text(pre));
        values.put("tokenizer.ggml.tokens", texts("a", "b", "c", "ab", "bc"));
        values.put("tokenizer.ggml.merges", texts(merges));
        return Tokenizer.from(new Metadata("test", values));
    }

    private static MetadataValue texts(String... texts) {
        List<MetadataValue> values = new ArrayList<>();
        for (String text : texts) {
            values.add(new MetadataValue.Text(text));
        }
        return new MetadataValue.Array(ValueType.STRING, values);
    }
}
