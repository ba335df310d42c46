package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.output.Outputs.Given;
import org.junit.jupiter.api.Test;

class MistralTest {
    private static final Given MISTRAL = Given.of("mistral");

    @Test
    void readsTheOlderForm() {
        assertThat(
                        MISTRAL.parse(
                                "[TOOL_CALLS] [{\"name\": \"get_weather\", \"arguments\":"
                                        + " {\"city\": \"Zürich [🌧]\"}, \"id\": \"abcdef123\"},"
                                        + " {\"id\": \"abcdef124\", \"name\": \"nothing\","
                                        + " \"arguments\": {}}]"))
                .isEqualTo("T(get_weather#id1 {\"city\": \"Zürich [🌧]\"})T(nothing#abcdef124 {})");
    }

    @Test
    void readsTheNewerForm() {
        assertThat(
                        MISTRAL.parse(
                                "[THINK]Hm"
                                    + " [x][/THINK]Well[TOOL_CALLS]get_weather[CALL_ID]abcdef123[ARGS]{\"city\":"
                                    + " \"[ARGS]\"}[TOOL_CALLS]add[ARGS]{\"a\": 1}"))
                .isEqualTo(
                        "R(Hm [x])C(Well)T(get_weather#abcdef123 {\"city\": \"[ARGS]\"})"
                                + "T(add#id1 {\"a\": 1})");
        assertThat(MISTRAL.parse("[TOOL_CALLS]add{\"a\": 1} done"))
                .isEqualTo("T(add#id1 {\"a\": 1})C(done)");
    }

    @Test
    void whatIsNoCallIsContent() {
        for (String text :
                new String[] {
                    "[TOOL_CALLS]",
                    "[TOOL_CALLS] hello there",
                    "[TOOL_CALLS]add[ARGS]",
                    "[TOOL_CALLS]add[ARGS]5",
                    "[TOOL_CALLS][ARGS]{}",
                    "[TOOL_CALLS]add[CALL_ID]a b[ARGS]{}",
                    "[TOOL_CALLS][]",
                    "[TOOL_CALLS][1]",
                    "[TOOL_CALL] a [THINK]b[/THINK]",
                }) {
            assertThat(MISTRAL.parse(text)).isEqualTo("C(" + text + ")");
        }
    }

    @Test
    void whatBreaksIsMalformed() {
        assertThat(MISTRAL.parse("[TOOL_CALLS]add[ARGS]{\"a\": 01}[TOOL_CALLS]nothing[ARGS]{}"))
                .isEqualTo(
                        "T(add#id1 {\"a\": 0|X [TOOL_CALLS]add[ARGS]{\"a\": 01}|its arguments are"
                                + " not JSON)T(nothing#id2 {})");
        assertThat(
                        MISTRAL.parse(
                                "[TOOL_CALLS][{\"name\": \"nothing\", \"arguments\": {}},"
                                        + " {\"name\""))
                .isEqualTo("T(nothing#id1 {})C(, {\"name\")");
        assertThat(MISTRAL.parse("[TOOL_CALLS]add[ARGS]{\"a\": \"x"))
                .isEqualTo(
                        "T(add#id1 {\"a\": \"x|X [TOOL_CALLS]add[ARGS]{\"a\": \"x|the answer ends"
                                + " inside it)");
    }
}
