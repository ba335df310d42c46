package dev.jinrai.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the library makes of patterns is in `components.jsonl`; this is about the rest.
final class OnigurumaTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\\",
                "(a",
                "a)",
                "[a",
                "*a",
                "\\p{Klingon}",
                "\\k<a>",
                "(?~a)",
                "\\1",
                "\\Qa\\E",
                "\\x{110000}",
                "\\xFF",
                "\\p{L",
                "\\K",
                "(?<a b>c)",
                "\\u12",
                "(?x)\\A *a",
                "(?x) +a",
                "[]",
                "[z-a]",
                "[a-\\w]",
                "[a-[:digit:]]",
                "[\\w-+]",
            })
    void refusesWhatItDoesNotKnow(String oniguruma) {
        assertThatThrownBy(() -> Oniguruma.parse(oniguruma))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static List<String> matches(String pattern, String text) {
        Spans spans = new Spans();
        TextPattern.regex(pattern).find(text, spans);
        return IntStream.range(0, spans.size())
                .filter(spans::isMatch)
                .mapToObj(i -> text.substring(spans.start(i), spans.end(i)))
                .toList();
    }

    /// What Oniguruma 6.9.10 finds, by way of Hugging Face's library 0.23.2.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "(?i)ss ; aßb ss ſs SS ẞ ; ß|ss|ſs|SS|ẞ",
                "(?i)sss ; ßs sß sss ; ßs|sss",
                "(?i)s+ ; aßb ss ; ss",
                "(?i)(?:s)s ; aßb ; ß",
                "(?i)(s)(s) ; ß ss ; ss",
                "(?i)[s]s ; ß ss ; ss",
                "(?i)a\\x73s ; aß ass ; ass",
                "(?i)ffi ; ﬃ ffi ﬀi fﬁ ; ﬃ|ffi",
                "(?i)[ßx]+ ; aßssxßb ; ßssxß",
                "(?i)strasse ; straße STRASSE ; straße|STRASSE",
                "(?i)[^ß] ; ßs ; s",
                "(?i)\\P{Lu}+ ; aAb1 ; a|b1",
                "(?i)[^\\p{Lu}] ; aAb1 ; 1",
                "(?i)i ; ıIiİ ; I|i",
                "a(?i)b|c ; aB aC C ; aB|aC",
                "(?x)a b #c ; abd ; ab",
                "(?x)a + ; xaaay ; aaa",
                "(?x)(?:ab) {2} ; ababab ; abab",
                "(?x)a+ ?b ; b aab ; b|aab",
                "(?xi)s s + ; ßsss ss ; sss|ss",
                "a(?#c)+ ; xaay ; aa",
                "(?<=a|bc)x ; ax bcx cx ; x|x",
                "(?<=a+)x ; aax ; x",
                "x{3,1} ; xxxx ; xxx|x",
                "(?:a|ab)(?:c|bcd)(d*) ; abcd ; abcd",
                "(?>a|ab)c ; abc ac ; ac",
                "a+?b|a??c ; aabc ; aab|c",
                "\\h\\H ; aG ; aG",
                "[a-z-9]+ ; ab-91 ; ab-9",
                "[a-c--/]+ ; a-./ ; a-./",
                "[+--]+ ; *+,-. ; +,-",
                "[]-a]+ ; ]^_`ab- ; ]^_`a",
                "[abc&&[ab]c]+ ; abcx ; abc",
                "[a-c&&b-d&&c]+ ; abcd ; c",
                "[^a&&b]+ ; abc ; abc",
                "[^[^a]b]+ ; abc ; a",
                "(?i)[a-c-e]+ ; ABC-ED ; ABC-E",
                "[^\\W_]+ ; ab_c ; ab|c",
                "\\p{Punct}+ ; a$!b+c_d ; !|_",
                "\\P{Punct}+ ; $!+ ; $|+",
                "[\\p{^Punct}]+ ; $!+ ; $|+",
                "[[:punct:]]+ ; a$!b+c_d ; $!|+|_",
            })
    void findsWhatTheLibraryFinds(String pattern, String text, String found) {
        assertThat(matches(pattern, text)).containsExactly(found.split("\\|", -1));
    }

    /// {@return what the patterns find, in a thread with little of a stack}
    private static List<String> matches(List<String> patterns, String text)
            throws InterruptedException {
        List<String> found = new ArrayList<>();
        Thread thread =
                new Thread(
                        null,
                        () -> patterns.forEach(pattern -> found.addAll(matches(pattern, text))),
                        "small",
                        256 << 10);
        thread.start();
        thread.join();
        return found;
    }

    /// Nothing hangs on the Java stack: a megabyte in a thread with little of it.
    @Test
    void repeatedGroupsTakeNoStack() throws InterruptedException {
        String text = "ab".repeat(500_000);
        assertThat(matches(List.of("(?:a|b)+", "(?:(?:a|b)*)+$", "(?>(a)|b)+", "(?:ab)+?$"), text))
                .hasSize(4)
                .allMatch(text::equals);
    }

    @Test
    void longListsTakeNoStack() throws InterruptedException {
        String han =
                IntStream.range(0, 10_000)
                        .mapToObj(i -> Character.toString(0x4E00 + 2 * i))
                        .collect(Collectors.joining());
        String either = han.replaceAll("(?!^|$)", "|");
        assertThat(
                        matches(
                                List.of(
                                        "[" + han + "]",
                                        "[^" + han + "]",
                                        either,
                                        "(?i)" + either,
                                        "(?:[ba]?){9}".repeat(1_000) + "[一é]",
                                        "[\\w!]|".repeat(900) + "é"),
                                "é一"))
                .containsExactly("一", "é", "一", "一", "é", "一", "é", "一");
        assertThatThrownBy(() -> TextPattern.regex("[\\w!]|".repeat(1_001) + "é"))
                .hasMessageContaining("more than 1000 sets with classes");
    }

    @Test
    void whatIsNestedTooDeepIsRefused() {
        assertThatThrownBy(() -> Oniguruma.parse("(".repeat(50_000)))
                .hasMessageContaining("its groups lie too deep");
        assertThatThrownBy(() -> Oniguruma.parse("[".repeat(50_000)))
                .hasMessageContaining("its sets lie too deep");
        assertThatThrownBy(() -> TextPattern.regex("(?:(?:(?:ab){1000}){1000}){1000}"))
                .hasMessageContaining("too long");
    }

    @Test
    void whatIsRepeatedTooOftenIsRefused() {
        for (String pattern :
                List.of("(?:(?:(?:){99999}){99999}){99999}", "(?:(?:a*){0}){99999}".repeat(9))) {
            assertThatThrownBy(() -> TextPattern.regex(pattern)).hasMessageContaining("too long");
        }
        for (String signs : List.of("*", "++", "*?", "{2}")) {
            assertThatThrownBy(() -> TextPattern.regex("(?:ab)" + signs.repeat(20_000)))
                    .hasMessageContaining("its repetitions lie too deep");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"(?<=(?!)\\O{100000})x", "\\Xz"})
    void whatIsWalkedOverIsCounted(String pattern) {
        String text = pattern.endsWith("z") ? "a" + "\u0301".repeat(20_000) : "x".repeat(20_000);
        assertThatThrownBy(() -> TextPattern.regex(pattern).find(text, new Spans()))
                .isInstanceOf(PatternException.class)
                .hasMessageContaining("needs too much time");
    }

    @Test
    void triesARunOnce() {
        String text = " ".repeat(200_000) + "x";
        Spans spans = new Spans();
        TextPattern.regex("\\s+$").find(text, spans);
        assertThat(spans.size()).isEqualTo(1);
    }
}
