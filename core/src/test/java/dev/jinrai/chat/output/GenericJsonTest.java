package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.Outputs.Given;
import org.junit.jupiter.api.Test;

class GenericJsonTest {
    private static final Given JSON = Given.of("json");

    @Test
    void readsObjectsListsAndWrappers() {
        String call = "{\"name\": \"add\", \"arguments\": {\"a\": [1, {}]}}";
        String got = "T(add#id1 {\"a\": [1, {}]})";
        String second = "T(add#id2 {\"a\": [1, {}]})";
        assertThat(JSON.parse(call)).isEqualTo(got);
        assertThat(JSON.parse("<think>x</think>\n" + call + "\n" + call))
                .isEqualTo("R(x)" + got + second);
        assertThat(JSON.parse(" [ " + call + " , " + call + " ] ")).isEqualTo(got + second);
        assertThat(JSON.parse("{ \"tool_call\" : " + call + " }")).isEqualTo(got);
        assertThat(JSON.parse("{\"tool_calls\": [" + call + ", " + call + "]}"))
                .isEqualTo(got + second);
    }

    @Test
    void otherJsonIsContent() {
        for (String text :
                new String[] {
                    "{\"answer\": 5}",
                    "[1, 2]",
                    "[]",
                    "{}",
                    "{\"tool_calls\": []}",
                    "{\"tool_call\": 5}",
                    "{\"name\": \"Bob\", \"arguments\": {}}",
                    "[{\"name\": \"add\"}]",
                    "{\"na",
                    "[",
                }) {
            assertThat(JSON.parse(text)).isEqualTo("C(" + text + ")");
        }
        String call = "{\"name\": \"nothing\", \"arguments\": {}}";
        assertThat(JSON.with(Tools.NONE).parse(call)).isEqualTo("C(" + call + ")");
        assertThat(JSON.parse("[" + call + ", 5]")).isEqualTo("T(nothing#id1 {})C(, 5])");
    }

    @Test
    void whatBreaksIsMalformed() {
        assertThat(JSON.parse("{\"name\": \"add\", \"arguments\": {\"a\": tru}}"))
                .isEqualTo(
                        "T(add#id1 {\"a\": tru|X {\"name\": \"add\", \"arguments\": {\"a\":"
                                + " tru}}|it is not the JSON of a call)");
    }
}
