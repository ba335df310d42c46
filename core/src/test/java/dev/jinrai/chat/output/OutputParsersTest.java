package dev.jinrai.chat.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.chat.ChatTemplateException;
import dev.jinrai.chat.ToolCall;
import dev.jinrai.chat.output.Outputs.Given;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;

/// What holds for the parser of every format.
class OutputParsersTest {
    private static final List<String> FRAGMENTS =
            List.of(
                    "<think>",
                    "</think>",
                    "[THINK]",
                    "[/THINK]",
                    "<tool_call>",
                    "</tool_call>",
                    "<function=add>",
                    "<function=",
                    "</function>",
                    "<parameter=a>",
                    "</parameter>",
                    "<|python_tag|>",
                    "[TOOL_CALLS]",
                    "[ARGS]",
                    "[CALL_ID]",
                    "add",
                    "get_weather",
                    "<｜tool▁calls▁begin｜>",
                    "<｜tool▁call▁begin｜>",
                    "<｜tool▁sep｜>",
                    "function",
                    "<｜tool▁call▁end｜>",
                    "<｜tool▁calls▁end｜>",
                    "```json\n",
                    "```",
                    "<|start|>",
                    "assistant",
                    "<|channel|>",
                    "analysis",
                    "final",
                    "commentary",
                    "<|message|>",
                    "<|end|>",
                    "<|constrain|>",
                    " to=functions.add",
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    ",",
                    "\"",
                    "\\",
                    "{\"name\": \"add\", \"arguments\": {",
                    "\"name\"",
                    "{\"name\": \"add\", \"parameters\": {\"a\": 1}}",
                    "\n",
                    " ",
                    "<",
                    "<|",
                    "[T",
                    ";",
                    "1",
                    "true",
                    ".call(",
                    "a=",
                    ")");

    /// Right answers, one of each form.
    private static final List<String> ANSWERS =
            List.of(
                    "<think>a</think>b<tool_call>\n"
                            + "{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [\"x\"]}}\n"
                            + "</tool_call>c",
                    "<tool_call>{\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{}\"}}"
                        + "</tool_call>",
                    "<tool_call>\n<function=get_weather>\n<parameter=city>\nx\n</parameter>\n"
                            + "<parameter=days>\n5\n</parameter>\n</function>\n</tool_call>",
                    "{\"name\": \"add\", \"parameters\": {\"a\": 1, \"b\": \"\\u00e9\"}};"
                            + " {\"name\": \"nothing\", \"parameters\": {}}",
                    "<|python_tag|>add.call(a=1, b=\"x\")",
                    "[TOOL_CALLS][{\"name\": \"add\", \"arguments\": {\"a\": 1}, \"id\":"
                            + " \"123456789\"}]",
                    "[TOOL_CALLS]add[CALL_ID]123456789[ARGS]{\"a\": 1}[TOOL_CALLS]nothing[ARGS]{}",
                    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n"
                            + "```json\n{\"a\": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
                    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": 1}"
                            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
                    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary"
                            + " to=functions.add <|constrain|>json<|message|>{\"a\": 1}",
                    "<|channel|>analysis to=python code<|message|>print(\"a\")",
                    "{\"tool_calls\": [{\"name\": \"add\", \"arguments\": {\"a\": 1}}, {\"name\":"
                            + " \"nothing\", \"arguments\": {}}]}");

    static List<String> formats() {
        return OutputFormat.names();
    }

    /// A text of marks and words in any order: however it is cut the events are the same, and every
    /// word that is no mark comes out.
    @ParameterizedTest
    @MethodSource("formats")
    void nothingIsLostAndCutsDoNotMatter(String format) {
        long seed = 20261122;
        var random = new SplittableRandom(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            List<String> words = new ArrayList<>();
            int length = 1 + random.nextInt(24);
            for (int i = 0; i < length; i++) {
                if (random.nextInt(4) == 0) {
                    words.add("word" + i + "é😀");
                    text.append(words.getLast());
                } else {
                    text.append(FRAGMENTS.get(random.nextInt(FRAGMENTS.size())));
                }
            }
            String prompt =
                    switch (random.nextInt(4)) {
                        case 0 -> "<think>\n";
                        case 1 -> "<|start|>assistant";
                        default -> "";
                    };
            Given given = Given.of(format).after(prompt);
            String whole = Outputs.describe(given.events(List.of(text.toString())));
            for (int cut = 0; cut < 4; cut++) {
                List<String> pieces =
                        cut == 0
                                ? text.chars().mapToObj(c -> String.valueOf((char) c)).toList()
                                : Outputs.cut(text.toString(), random);
                assertThat(Outputs.describe(given.events(pieces)))
                        .as("seed %d, round %d, %s", seed, round, pieces)
                        .isEqualTo(whole);
            }
            for (String word : words) {
                assertThat(whole).as("seed %d, round %d: %s", seed, round, text).contains(word);
            }
        }
    }

    /// A right answer with a few characters changed, which reaches states that no text of random
    /// marks does: nothing is thrown, cuts do not matter, and what is complete can be read.
    @ParameterizedTest
    @MethodSource("formats")
    void almostRightAnswersAreReadOrRefused(String format) {
        long seed = 20261123;
        var random = new SplittableRandom(seed);
        String letters = "{}[]\":, \n`<>|=/\\abj1";
        for (int round = 0; round < 600; round++) {
            StringBuilder text = new StringBuilder(ANSWERS.get(round % ANSWERS.size()));
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                int at = random.nextInt(text.length());
                int end = Math.min(text.length(), at + random.nextInt(4));
                String other = "" + letters.charAt(random.nextInt(letters.length()));
                text.replace(at, end, random.nextInt(3) == 0 ? "" : other);
            }
            Given given = Given.of(format).after(round % 2 == 0 ? "<|start|>assistant" : "");
            given = random.nextInt(4) == 0 ? given.truncated() : given;
            String what = "seed %d, round %d: %s".formatted(seed, round, text);
            List<OutputEvent> events = given.events(List.of(text.toString()));
            assertThat(Outputs.describe(given.events(Outputs.cut(text.toString(), random))))
                    .as(what)
                    .isEqualTo(Outputs.describe(events));
            for (ToolCall call : Reply.of(events).toolCalls()) {
                assertThat(JsonMapper.shared().readTree(call.arguments()).isObject())
                        .as(what)
                        .isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void hostileTextsTakeLinearTime(String format) {
        Given given = Given.of(format).after("<|start|>assistant<|channel|>final<|message|>");
        for (String unit :
                List.of(
                        "<",
                        "[",
                        "{",
                        " ",
                        "<think>",
                        "<tool_call>",
                        "[TOOL_CALLS]",
                        "\"",
                        "<tool_call>{\"name\":\"add\",\"arguments\":",
                        "<｜tool▁call▁begin｜>",
                        "<function=add><parameter=a>",
                        "{\"name\":\"add\",\"parameters\":{\"a\":[",
                        "<|start|>",
                        "<|python_tag|>x.call(a=\" \", ",
                        "[TOOL_CALLS]add[ARGS]{")) {
            // Eight times the text takes eight times as long, or 64 times where something is
            // quadratic; what disturbs a measurement, another
            // may not meet.
            int tries = 0;
            while (nanos(given, unit, 32_000) > 24 * nanos(given, unit, 4_000) + 20_000_000) {
                assertThat(++tries).as("%s takes more than linear time", unit).isLessThan(5);
            }
        }
    }

    /// {@return the processor's time for a text of so many characters, in one piece and each alone}
    private static long nanos(Given given, String unit, int length) {
        String text = unit.repeat(length / unit.length());
        List<String> pieces = text.chars().mapToObj(c -> String.valueOf((char) c)).toList();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertThat(given.events(List.of(text)).size() + given.events(pieces).size())
                .isNotNegative();
        return threads.getCurrentThreadCpuTime() - start;
    }

    @Test
    void nestingIsBounded() {
        String deep =
                "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": " + "[".repeat(1_000_000);
        assertThat(Outputs.describe(Given.of("hermes").events(List.of(deep))))
                .endsWith("|it is not the JSON of a call)");
    }

    @Test
    void aFormatHasAName() {
        assertThat(OutputFormat.names())
                .containsExactly(
                        "plain",
                        "hermes",
                        "qwen-coder",
                        "seed-oss",
                        "llama3",
                        "mistral",
                        "deepseek",
                        "gpt-oss",
                        "json");
        assertThat(OutputFormat.named("gpt-oss").name()).isEqualTo("gpt-oss");
        assertThatThrownBy(() -> OutputFormat.named("xml"))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage(
                        "no output format 'xml' (known: plain, hermes, qwen-coder, seed-oss,"
                                + " llama3, mistral, deepseek, gpt-oss, json)");
    }

    @Test
    void aReplyIsAllOfIt() {
        Reply reply =
                Reply.of(
                        Given.of("hermes")
                                .events(
                                        List.of(
                                                "<think>a</think>b<tool_call>{\"name\": \"add\","
                                                        + " \"arguments\": {\"a\":"
                                                        + " 1}}</tool_call>c<tool_call>{\"name\":"
                                                        + " \"add\", \"arguments\": {!")));
        assertThat(reply.reasoning()).isEqualTo("a");
        assertThat(reply.content()).isEqualTo("bc<tool_call>{\"name\": \"add\", \"arguments\": {!");
        assertThat(reply.message().content())
                .as("a broken call's marks would spoil the next prompt")
                .isEqualTo("bc");
        assertThat(reply.toolCalls()).containsExactly(new ToolCall("id1", "add", "{\"a\": 1}"));
        assertThat(reply.malformed())
                .containsExactly("the call of 'add' cannot be used: it is not the JSON of a call");
        assertThat(reply.message().role()).isEqualTo("assistant");
    }

    /// What stood on both sides of a call stays apart as it was, and the edges are clean: llama.cpp keeps what stands in front of a call,
    /// and drops what follows it.
    @Test
    void whiteSpaceBesideACallKeepsWordsApart() {
        String hermes = "<tool_call>{\"name\": \"nothing\"}</tool_call>";
        String qwen = "<tool_call>\n<function=nothing>\n</function>\n</tool_call>";
        String seed = "<seed:tool_call>\n<function=nothing>\n</function>\n</seed:tool_call>";
        String mistral = "[TOOL_CALLS]nothing[ARGS]{}";
        String deepseek =
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>nothing<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁calls▁end｜>";
        String llama = "<|python_tag|>{\"name\": \"nothing\", \"parameters\": {}}";
        Map<String, String> calls =
                Map.of(
                        "hermes",
                        hermes,
                        "qwen-coder",
                        qwen,
                        "seed-oss",
                        seed,
                        "mistral",
                        mistral,
                        "deepseek",
                        deepseek,
                        "llama3",
                        llama);
        calls.forEach((format, call) -> {
            for (String[] texts :
                    new String[][] {
                        {"a\n\n", "\nb", "a\n\nb"},
                        {"a", " b", "a b"},
                        {"a ", "b", "a b"},
                        {"a", "b", "ab"},
                        {"\n", "\n b", "b"},
                        {"a\n", "\n", "a"}
                    }) {
                assertThat(reply(format, texts[0] + call + texts[1]).content())
                        .as("%s: %s", format, List.of(texts))
                        .isEqualTo(texts[2]);
            }
            assertThat(reply(format, "a\n" + call + "\n\n" + call + " b").content())
                    .as(format)
                    .isEqualTo("a\nb");
        });
    }

    private static Reply reply(String format, String text) {
        return Reply.of(Given.of(format).events(List.of(text)));
    }

    @Test
    void idsThatAreMadeUpAreTheSameForTheSamePrompt() {
        List<String> ids = new ArrayList<>();
        for (String prompt : List.of("a", "a", "b")) {
            var parser = OutputFormat.named("hermes").parser(prompt, Outputs.TOOLS);
            var events = new ArrayList<>(parser.append("<tool_call>{\"name\":\"nothing\"}"));
            events.addAll(parser.finish(true));
            ids.add(Reply.of(events).toolCalls().getFirst().id());
        }
        assertThat(ids.get(1)).isEqualTo(ids.get(0)).hasSize(9);
        assertThat(ids.get(2)).isNotEqualTo(ids.get(0));
    }
}
