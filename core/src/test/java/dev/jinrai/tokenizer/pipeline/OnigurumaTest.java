package dev.jinrai.tokenizer.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
                "\\u12"
            })
    void refusesWhatItDoesNotKnow(String oniguruma) {
        assertThatThrownBy(() -> Oniguruma.parse(oniguruma))
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
