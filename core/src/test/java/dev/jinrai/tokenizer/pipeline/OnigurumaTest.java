package dev.jinrai.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the library makes of patterns is in `components.jsonl`; this is about the rest.
final class OnigurumaTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "\\p{L}+ ; \\p{L}+",
                "x{1,3}+ ; (?:x{1,3})+",
                "x{,3} ; x{0,3}",
                "(?:ab){2}? ; (?:(?:ab){2})?",
                "a{b ; a\\{b",
                "(?m:.) ; (?s:.)",
                "\\h ; [0-9a-fA-F]",
                "\\p{Han}\\p{^Lu} ; \\p{IsHAN}\\P{Lu}",
                "[\\]a-z&&[^b]] ; [\\]a-z&&[^b]]",
                "\\s+$ ; (?:\\G|(?<!\\s))\\s+$",
                "\\s+$|a ; \\s+$|a",
                "\\s++ ; \\s++",
            })
    void writesThePatternAsTheJdkReadsIt(String oniguruma, String java) {
        assertThat(Oniguruma.translated(oniguruma)).isEqualTo(java);
        assertThat(Oniguruma.compile(oniguruma)).isNotNull();
    }

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
                "(?x) a",
                "\\x{110000}",
                "\\xFF",
                "\\p{L",
                "\\K",
                "a(?i)b",
                "(?<a b>c)",
                "\\u12"
            })
    void refusesWhatItDoesNotKnow(String oniguruma) {
        assertThatThrownBy(() -> Oniguruma.compile(oniguruma))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void triesARunOnce() {
        String text = " ".repeat(200_000) + "x";
        Spans spans = new Spans();
        TextPattern.regex("\\s+$").find(text, spans);
        assertThat(spans.size()).isEqualTo(1);
    }
}
