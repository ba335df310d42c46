package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.Tools;
import dev.jinrai.chat.output.Outputs.Given;
import org.junit.jupiter.api.Test;

class HermesTest {
    private static final Given HERMES = Given.of("hermes");

    @Test
    void readsReasoningContentAndACall() {
        assertThat(
                        HERMES.parse(
                                """
                                <think>
                                The user wants
                                the weather.
                                </think>

                                Let me look.
                                <tool_call>
                                {"name": "get_weather", "arguments": {"city": "Zürich 🌧", "days": 2}}
                                </tool_call>\
                                """))
                .isEqualTo(
                        "R(The user wants\nthe weather.)C(Let me look.)"
                                + "T(get_weather#id1 {\"city\": \"Zürich 🌧\", \"days\": 2})");
    }

    @Test
    void readsSeveralCallsAndNestedArguments() {
        assertThat(
                        HERMES.parse(
                                """
                                <tool_call>
                                {"name": "add", "arguments": {"a": {"b": [1, {"c": "}\\"]\\\\"}]}, "é": "\\u00e9\\n"}}
                                </tool_call>
                                <tool_call>
                                {"arguments": {}, "name": "nothing"}
                                </tool_call>
                                <tool_call>{"id": "call_7", "name": "nothing"}</tool_call>
                                """))
                .isEqualTo(
                        "T(add#id1 {\"a\": {\"b\": [1, {\"c\": \"}\\\"]\\\\\"}]}, \"é\":"
                                + " \"\\u00e9\\n\"})T(nothing#id2 {})T(nothing#call_7 {})");
    }

    @Test
    void argumentsUnderAnotherKeyAreNoneThatAreEmpty() {
        for (String text :
                new String[] {
                    "<tool_call>{\"name\":\"add\",\"args\":{\"a\":1}}</tool_call>",
                    "<tool_call>{\"args\":{\"a\":1},\"name\":\"add\"}</tool_call>",
                    "<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"add\",\"args\":{}}}",
                    "<tool_call>{\"name\":\"add\",\"function\":{\"name\":\"add\"}}",
                }) {
            assertThat(HERMES.parse(text)).isEqualTo("C(" + text + ")");
        }
        assertThat(
                        HERMES.parse(
                                "<tool_call>{\"type\":\"function\",\"name\":\"nothing\",\"id\":\"x\"}</tool_call>"))
                .isEqualTo("T(nothing#x {})");
    }

    @Test
    void readsOpenAisForm() {
        assertThat(
                        HERMES.parse(
                                "<tool_call>{\"id\":\"x\",\"type\":\"function\",\"function\":{\"name\":\"add\","
                                    + "\"arguments\":{\"a\":1}}}</tool_call>b"))
                .isEqualTo("T(add#x {\"a\":1})C(b)");
        assertThat(
                        HERMES.parse(
                                "<tool_call>{\"function\":{\"arguments\":\"{}\",\"name\":\"nothing\"},"
                                    + "\"type\":\"function\"}</tool_call>"))
                .isEqualTo("T(nothing#id1 {})");
    }

    @Test
    void argumentsThatNoReaderTakesAreMalformed() {
        for (String object :
                new String[] {
                    "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", "{\"a\":" + "1".repeat(2000) + "}",
                }) {
            String call = "<tool_call>{\"name\":\"add\",\"arguments\":" + object + "}";
            assertThat(HERMES.parse(call + "</tool_call>b"))
                    .startsWith(
                            "T(add#id1 "
                                    + object
                                    + "|X "
                                    + call
                                    + "|its arguments cannot be read: ")
                    .endsWith(")C(b)");
        }
    }

    @Test
    void argumentsMayBeAStringThatHoldsTheObject() {
        assertThat(
                        HERMES.parse(
                                "<tool_call>{\"name\":\"add\",\"arguments\":\"{\\\"a\\\":"
                                        + " \\\"\\\\n\\\"}\"}</tool_call>"))
                .isEqualTo("T(add#id1 {\"a\": \"\\n\"})");
        String list = "<tool_call>{\"name\":\"add\",\"arguments\":\"[1]\"}</tool_call>";
        assertThat(HERMES.parse(list)).isEqualTo("C(" + list + ")");
    }

    @Test
    void theClosingMarkMayBeMissing() {
        String call = "<tool_call>{\"name\": \"nothing\", \"arguments\": {}}";
        assertThat(HERMES.parse(call)).isEqualTo("T(nothing#id1 {})");
        assertThat(HERMES.parse(call + "\n" + call))
                .isEqualTo("T(nothing#id1 {})T(nothing#id2 {})");
        assertThat(HERMES.parse(call + "}</tool_call>"))
                .isEqualTo("T(nothing#id1 {})C(}</tool_call>)");
    }

    @Test
    void whatIsNoCallIsContent() {
        for (String text :
                new String[] {
                    "a <tool_call b",
                    "<tool_call>",
                    "<tool_call>\nhello\n</tool_call>",
                    "<tool_call>{\"arguments\": {}}</tool_call>",
                    "<tool_call>{\"name\": \"\", \"arguments\": {}}</tool_call>",
                    "<tool_call>{\"name\": \"a\", \"name\": \"b\"}</tool_call>",
                    "<tool_call>{\"name\": \"a\", \"arguments\": 5}</tool_call>",
                    "<tool_call>{\"name\": \"add\", 'arguments': {}}</tool_call>",
                    "<tool_call>{\"name\": \"\\ud83d\", \"arguments\": {}}</tool_call>",
                    "x </think> y",
                    "x <think> y </think>",
                    "  spaces \n stay \n",
                    "<",
                    "<thinking>",
                }) {
            assertThat(HERMES.parse(text)).isEqualTo("C(" + text + ")");
        }
        assertThat(HERMES.parse("<tool_call><tool_call>{\"name\": \"nothing\"}</tool_call>"))
                .isEqualTo("C(<tool_call>)T(nothing#id1 {})");
    }

    @Test
    void aCallThatBreaksLaterIsMalformedAndKeepsItsText() {
        assertThat(
                        HERMES.parse(
                                "ok <tool_call>{\"name\": \"add\", \"arguments\": {\"a\":"
                                        + " 1,}}</tool_call> on"))
                .isEqualTo(
                        "C(ok)T(add#id1 {\"a\": 1,|X <tool_call>{\"name\": \"add\", \"arguments\":"
                                + " {\"a\": 1,}}</tool_call>|it is not the JSON of a call)C( on)");
        assertThat(
                        HERMES.parse(
                                "<tool_call>{\"name\": \"add\", \"arguments\":"
                                        + " {x<tool_call>{\"name\": \"nothing\"}"))
                .isEqualTo(
                        "T(add#id1 {|X <tool_call>{\"name\": \"add\", \"arguments\": {x|it is not"
                                + " the JSON of a call)T(nothing#id2 {})");
    }

    @Test
    void anAnswerThatEndsInsideACallIsNotACall() {
        assertThat(HERMES.parse("<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": [1, 2"))
                .isEqualTo(
                        "T(add#id1 {\"a\": [1, 2|X <tool_call>\n{\"name\": \"add\", \"arguments\":"
                                + " {\"a\": [1, 2|the answer ends inside it)");
        assertThat(HERMES.parse("<tool_call>\n{\"name\": \"ad"))
                .isEqualTo("C(<tool_call>\n{\"name\": \"ad)");
        assertThat(HERMES.parse("<think>\nI wonder <tool")).isEqualTo("R(I wonder <tool)");
    }

    @Test
    void aPromptMayOpenTheReasoning() {
        Given opened = HERMES.after("<|im_start|>assistant\n<think>\n");
        assertThat(opened.parse("Hm.\n</think>\n\nHi")).isEqualTo("R(Hm.)C(Hi)");
        assertThat(opened.parse("<think>\nHm.</think>Hi")).isEqualTo("R(Hm.)C(Hi)");
        assertThat(opened.parse("\n</think>\n\nHi")).isEqualTo("C(Hi)");
        assertThat(opened.parse("I say <think> twice")).isEqualTo("R(I say <think> twice)");
        assertThat(HERMES.after("assistant\n<think>\n\n</think>\n\n").parse("Hi"))
                .isEqualTo("C(Hi)");
    }

    @Test
    void callsInsideTheReasoningAreReasoning() {
        assertThat(HERMES.parse("<think><tool_call>{\"name\": \"nothing\"}</tool_call></think>x"))
                .isEqualTo("R(<tool_call>{\"name\": \"nothing\"}</tool_call>)C(x)");
    }

    @Test
    void withoutToolsNothingIsACall() {
        String text = "Write <tool_call>{\"name\": \"nothing\"}</tool_call>";
        assertThat(HERMES.with(Tools.NONE).parse("<think>a</think>" + text))
                .isEqualTo("R(a)C(" + text + ")");
    }

    @Test
    void textComesAsSoonAsItIsCertain() {
        OutputParser parser = OutputFormat.named("hermes").parser("", Outputs.TOOLS);
        assertThat(parser.append("Hello")).containsExactly(new OutputEvent.Content("Hello"));
        assertThat(parser.append(" <tool")).isEmpty();
        assertThat(parser.append("s>")).containsExactly(new OutputEvent.Content(" <tools>"));
        assertThat(parser.append("<tool_call>{\"name\": \"add\", ")).isEmpty();
        assertThat(parser.append("\"arguments\": {"))
                .satisfiesExactly(
                        begun ->
                                assertThat(begun)
                                        .isInstanceOfSatisfying(
                                                OutputEvent.ToolCallBegun.class,
                                                b -> assertThat(b.id()).matches("[a-zA-Z0-9]{9}")),
                        arguments ->
                                assertThat(arguments).isEqualTo(new OutputEvent.Arguments(0, "{")));
        assertThat(parser.append("\"a\": 1"))
                .containsExactly(new OutputEvent.Arguments(0, "\"a\": 1"));
    }

    @Test
    void aCharacterOfTwoUnitsIsNotTorn() {
        OutputParser parser = OutputFormat.named("hermes").parser("", Outputs.TOOLS);
        assertThat(parser.append("a\uD83D")).containsExactly(new OutputEvent.Content("a"));
        assertThat(parser.append("\uDE00")).containsExactly(new OutputEvent.Content("😀"));
        assertThat(parser.append("\uD83D")).isEmpty();
        assertThat(parser.finish(true)).containsExactly(new OutputEvent.Content("\uD83D"));
    }
}
