package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.output.Outputs.Given;
import org.junit.jupiter.api.Test;

class DeepSeekTest {
    private static final Given DEEPSEEK = Given.of("deepseek");
    private static final String OPEN = "<｜tool▁calls▁begin｜>";
    private static final String CALL = "<｜tool▁call▁begin｜>";
    private static final String SEPARATOR = "<｜tool▁sep｜>";
    private static final String END = "<｜tool▁call▁end｜>";
    private static final String CLOSE = "<｜tool▁calls▁end｜>";

    @Test
    void readsTheFencedForm() {
        String first =
                CALL
                        + "function"
                        + SEPARATOR
                        + "get_weather\n```json\n{\"city\": \"Zürich ```\"}\n```"
                        + END;
        String second =
                "\n" + CALL + "function" + SEPARATOR + "add\n```json\n{\"a\": 1}\n```" + END;
        assertThat(
                        DEEPSEEK.after("<｜Assistant｜><think>\n")
                                .parse("Hm.\n</think>\n\nWell" + OPEN + first + second + CLOSE))
                .isEqualTo(
                        "R(Hm.)C(Well)T(get_weather#id1 {\"city\": \"Zürich ```\"})"
                                + "T(add#id2 {\"a\": 1})");
        assertThat(DEEPSEEK.parse(first + " so"))
                .isEqualTo("T(get_weather#id1 {\"city\": \"Zürich ```\"})C(so)");
        assertThat(DEEPSEEK.parse("<｜tool_calls_begin｜>" + first))
                .isEqualTo("T(get_weather#id1 {\"city\": \"Zürich ```\"})");
    }

    @Test
    void readsTheShortForm() {
        assertThat(
                        DEEPSEEK.parse(
                                "<think>a</think>"
                                        + OPEN
                                        + CALL
                                        + "add"
                                        + SEPARATOR
                                        + "{\"a\": [1]}"
                                        + END
                                        + CALL
                                        + "nothing"
                                        + SEPARATOR
                                        + "{}"
                                        + END
                                        + CLOSE))
                .isEqualTo("R(a)T(add#id1 {\"a\": [1]})T(nothing#id2 {})");
    }

    @Test
    void whatIsNoCallIsContent() {
        for (String text :
                new String[] {
                    "a < b ｜ <｜tool▁calls▁beginning｜>",
                    OPEN + "hello",
                    OPEN + CLOSE + "x",
                    CALL + "line\nline",
                    CALL + "function" + SEPARATOR + "add\nno fence",
                    CALL + " " + SEPARATOR + "{}",
                    CALL + "function" + SEPARATOR + "add",
                    CALL + "function" + SEPARATOR + "add\n```json\n[1]\n```" + END,
                    CALL + "function" + SEPARATOR + "add\n```jsonx",
                }) {
            String content = text.equals(OPEN + CLOSE + "x") ? "x" : text;
            assertThat(DEEPSEEK.parse(text)).isEqualTo("C(" + content + ")");
        }
    }

    @Test
    void whatBreaksIsMalformed() {
        String broken = OPEN + CALL + "add" + SEPARATOR + "{\"a\"; 1}" + END;
        assertThat(DEEPSEEK.parse(broken + CLOSE + "x"))
                .isEqualTo(
                        "T(add#id1 {\"a\"|X "
                                + broken
                                + CLOSE
                                + "|its arguments are not JSON)C(x)");
        String cut = OPEN + CALL + "add" + SEPARATOR + "{\"a\":";
        assertThat(DEEPSEEK.parse(cut))
                .isEqualTo("T(add#id1 {\"a\":|X " + cut + "|the answer ends inside it)");
    }
}
