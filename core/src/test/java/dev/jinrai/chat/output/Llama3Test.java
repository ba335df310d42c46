package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.Outputs.Given;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Llama3Test {
    private static final Given LLAMA = Given.of("llama3");

    @Test
    void readsABareObject() {
        assertThat(
                        LLAMA.parse(
                                "{\"name\": \"get_weather\", \"parameters\": {\"city\":"
                                        + " \"Zürich\"}}"))
                .isEqualTo("T(get_weather#id1 {\"city\": \"Zürich\"})");
        assertThat(
                        LLAMA.parse(
                                "\n"
                                        + "{\"type\": \"function\", \"name\": \"nothing\","
                                        + " \"parameters\": {}}; {\"name\": \"nothing\","
                                        + " \"parameters\": {\"x\": 1}}\n"))
                .isEqualTo("T(nothing#id1 {})T(nothing#id2 {\"x\": 1})");
    }

    @Test
    void readsWhatFollowsThePythonTag() {
        assertThat(
                        LLAMA.parse(
                                "Wait <|python_tag|>{\"name\": \"new\", \"parameters\": {\"a\":"
                                        + " 1}}"))
                .isEqualTo("C(Wait)T(new#id1 {\"a\": 1})");
        assertThat(
                        LLAMA.parse(
                                "<|python_tag|>brave_search.call(query=\"say \"hi\" (now)\", n=5,"
                                        + " all=True)"))
                .isEqualTo(
                        "T(brave_search#id1 {\"query\": \"say \\\"hi\\\" (now)\", \"n\": 5,"
                                + " \"all\": true})");
        assertThat(LLAMA.parse("<|python_tag|>now.call()")).isEqualTo("T(now#id1 {})");
    }

    @Test
    void readsSeveralCallsBehindOneTag() {
        assertThat(
                        LLAMA.parse(
                                "Wait <|python_tag|>{\"name\": \"new\", \"parameters\": {}};\n"
                                        + "{\"name\": \"newer\", \"parameters\": {\"a\": 1}} so"))
                .isEqualTo("C(Wait)T(new#id1 {})T(newer#id2 {\"a\": 1})C( so)");
        assertThat(
                        LLAMA.parse(
                                "<|python_tag|>{\"name\": \"new\", \"parameters\":"
                                    + " {}}<|python_tag|>{\"name\": \"nothing\", \"parameters\":"
                                    + " {}}"))
                .isEqualTo("T(new#id1 {})T(nothing#id2 {})");
    }

    @Test
    void separatorsBehindACallAreNoContent() {
        String call = "{\"name\": \"nothing\", \"parameters\": {}}";
        for (String front : new String[] {"", "<|python_tag|>"}) {
            for (String end : new String[] {";", "; ", ";\n;"}) {
                assertThat(LLAMA.parse(front + call + end)).isEqualTo("T(nothing#id1 {})");
            }
            for (String rest :
                    new String[] {"{\"name\": \"nothing\", \"param", "{\"a\": 1}", "bye"}) {
                assertThat(LLAMA.truncated().parse(front + call + ";" + rest))
                        .isEqualTo("T(nothing#id1 {})C(" + rest + ")");
            }
        }
    }

    @Test
    void codeGoesToTheInterpreterIfThereIsOne() {
        String code = "<|python_tag|>print(\"ü\")\nx = 1";
        Tools tools = Tools.of(List.of(Outputs.tool("python", Map.of("code", "string"))));
        assertThat(LLAMA.with(tools).parse(code))
                .isEqualTo("T(python#id1 {\"code\": \"print(\\\"ü\\\")\\nx = 1\"})");
        assertThat(LLAMA.parse(code)).isEqualTo("C(" + code + ")");
    }

    @Test
    void pythonThatIsCutIsNoCall() {
        String call = "<|python_tag|>brave_search.call(query=\"a\")";
        assertThat(LLAMA.truncated().parse(call))
                .isEqualTo("T(brave_search#id1 |X " + call + "|the answer ends inside it)");
        String code = "<|python_tag|>import os; os.remove(\"/tmp";
        Tools tools = Tools.of(List.of(Outputs.tool("python", Map.of("code", "string"))));
        assertThat(LLAMA.with(tools).truncated().parse(code))
                .isEqualTo("T(python#id1 |X " + code + "|the answer ends inside it)");
        assertThat(LLAMA.truncated().parse(code)).isEqualTo("C(" + code + ")");
        assertThat(LLAMA.truncated().parse("{\"name\": \"nothing\", \"parameters\": {}}"))
                .isEqualTo("T(nothing#id1 {})");
    }

    @Test
    void otherJsonIsContent() {
        for (String text :
                new String[] {
                    "{\"name\": \"Bob\", \"parameters\": {}}",
                    "{\"name\": \"add\", \"age\": 5}",
                    "{\"name\": \"add\", \"parameters\": [1]}",
                    "{\"name\": \"add\"}",
                    "{\"type\": \"person\", \"name\": \"add\", \"parameters\": {}}",
                    "{}",
                    "{",
                    "{\"name\": \"add\", \"para",
                    "The call is {\"name\": \"nothing\", \"parameters\": {}}",
                    "; and",
                    "<|python_tag|>",
                }) {
            assertThat(LLAMA.parse(text)).isEqualTo("C(" + text + ")");
        }
    }

    @Test
    void aCallThatBreaksOrEndsIsMalformed() {
        assertThat(LLAMA.parse("{\"name\": \"add\", \"parameters\": {\"a\": 1}, \"why\": 2}"))
                .isEqualTo(
                        "T(add#id1 {\"a\": 1}|X {\"name\": \"add\", \"parameters\": {\"a\": 1},"
                                + " \"why\": 2}|it is not the JSON of a call)");
        assertThat(LLAMA.parse("{\"name\": \"add\", \"parameters\": {\"a\": "))
                .isEqualTo(
                        "T(add#id1 {\"a\": |X {\"name\": \"add\", \"parameters\": {\"a\": |the"
                                + " answer ends inside it)");
    }
}
