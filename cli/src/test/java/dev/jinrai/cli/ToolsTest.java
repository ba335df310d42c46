package dev.jinrai.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.jinrai.chat.output.OutputEvent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tools, variables and what an answer consists of. The demo model calls no tools: what a template
/// was told is seen in its prompt, and calls are spoken by the test.
class ToolsTest {
    private static final String TOOLS =
            "[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"parameters\":{}}}]";

    @TempDir private Path folder;

    @Test
    void anAnswerInAChatHasItsPartsInJson() {
        JsonNode answer = json(run("--chat", "-p", "What is 2 + 3?", "--json"));

        assertThat(answer.get("content").asString()).isEqualTo("2 + 3 = 5");
        assertThat(answer.get("text").asString()).isEqualTo("2 + 3 = 5");
        assertThat(answer.get("reasoning_content").isNull()).isTrue();
        assertThat(answer.get("tool_calls")).isEmpty();
        assertThat(answer.get("finish_reason").asString()).isEqualTo("stop");
        assertThat(json(run("-p", "Once", "--json")).has("content")).isFalse();
    }

    @Test
    void theTemplateGetsToolsAndVariables() throws IOException {
        // The prompt is the same as without a template if all arrived.
        String template =
                "{% if tools[0].function.name == 'add' and enable_thinking is false and n == 5 and"
                        + " s == 'x y' %}Once upon a time{% else %}wrong{% endif %}";
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-p",
                                "x",
                                "--json",
                                "--chat-template",
                                file("t.jinja", template),
                                "--tools",
                                file("tools.json", TOOLS),
                                "--template-var",
                                "enable_thinking=false",
                                "--template-var",
                                "s=x y",
                                "--chat-template-kwargs",
                                "{\"n\": 5, \"s\": 1}"));
        Captured got = run(arguments.toArray(String[]::new));
        assertThat(got.err())
                .contains("calls in this model's answers are not read")
                .hasLineCount(1);
        arguments.addAll(List.of("--output-format", "plain"));
        assertThat(run(arguments.toArray(String[]::new)).err()).isEmpty();
        assertThat(json(got).get("prompt_tokens"))
                .isEqualTo(json(run("-p", "Once upon a time", "--json")).get("prompt_tokens"));
        arguments.add("--template-var");
        arguments.add("enable_thinkin=1");
        assertThat(run(arguments.toArray(String[]::new)).err())
                .isEmpty(); // part of a name it mentions
        arguments.add("--template-var");
        arguments.add("mood=1");
        assertThat(run(arguments.toArray(String[]::new)).err()).contains("does not mention 'mood'");
    }

    @Test
    void reasoningIsTakenOutOfTheAnswer() throws IOException {
        // The prompt opens the reasoning, and the answer does not close it.
        String template = file("t.jinja", "{{ messages[0].content }}<think>");
        Captured got = run("-p", "Once upon a time", "--chat-template", template);
        assertThat(got.out()).isEqualTo("\n");
        assertThat(got.err()).startsWith("[thinking]\n").contains("\n[/thinking]\n");
        JsonNode json = json(run("-p", "Once upon a time", "--chat-template", template, "--json"));
        assertThat(json.get("reasoning_content").asString()).isNotBlank();
        assertThat(json.get("content").asString()).isEmpty();
    }

    @Test
    void callsAreLinesOfJson() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var io =
                new Io(
                        new ByteArrayInputStream(new byte[0]),
                        false,
                        new Output(out, false),
                        new Messages(new PrintStream(err, true, UTF_8), false),
                        false,
                        Map.of());
        var speech = new Speech(io);
        List.of(
                        new OutputEvent.Reasoning("Hm"),
                        new OutputEvent.Content("Look:"),
                        new OutputEvent.ToolCallBegun(0, "i", "add"),
                        new OutputEvent.Arguments(0, "{\"a\""),
                        new OutputEvent.Arguments(0, ": 1}"),
                        new OutputEvent.ToolCallComplete(0))
                .forEach(speech);
        speech.end();

        assertThat(out.toString(UTF_8))
                .isEqualTo(
                        "Look:\n{\"id\":\"i\",\"type\":\"function\",\"function\":{\"name\":\"add\","
                                + "\"arguments\":\"{\\\"a\\\": 1}\"}}\n");
        assertThat(err.toString(UTF_8)).isEqualTo("[thinking]\nHm\n[/thinking]\n");
    }

    @Test
    void whatCannotBeIsOneLine() throws IOException {
        fails(
                1,
                "no place for tools",
                "--chat-template",
                "plain",
                "--tools",
                file("tools.json", TOOLS));
        fails(1, "not a JSON array", "--tools", file("a.json", "{}"));
        fails(1, "tool definition 1 has no name", "--tools", file("b.json", "[{}]"));
        fails(
                1,
                "jinrai: " + folder.resolve("none.json") + ": cannot be read",
                "--tools",
                folder.resolve("none.json").toString());
        fails(
                1,
                "not JSON: Unexpected end-of-input: expected close marker for Object\n",
                "--tools",
                file("c.json", "[{"));
        fails(2, "wanted NAME=VALUE, got 'x'", "--template-var", "x");
        fails(2, "--chat-template-kwargs: not a JSON object", "--chat-template-kwargs", "[]");
        fails(2, "no format 'xml'", "--output-format", "xml");
        fails(2, "need a chat template", "--no-template", "--template-var", "a=1");
        fails(2, "needs a chat template", "--no-template", "--output-format", "hermes");
        fails(2, "'messages' is the conversation's own", "--template-var", "messages=[]");
        fails(2, "'tools' is the conversation's own", "--chat-template-kwargs", "{\"tools\": 1}");
        fails(2, "'add_generation_prompt' is", "--template-var", "add_generation_prompt=false");
    }

    private static void fails(int code, String message, String... options) {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "-p";
        arguments[1] = "a";
        System.arraycopy(options, 0, arguments, 2, options.length);
        Captured got = run(arguments);
        assertThat(got.err()).contains(message).hasLineCount(1);
        assertThat(got.code()).isEqualTo(code);
    }

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static Captured run(String... options) {
        List<String> arguments = new ArrayList<>(List.of("run"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("-b", "scalar", "--temperature", "0", "-n", "12"));
        return Captured.run(arguments.toArray(String[]::new));
    }

    private static JsonNode json(Captured captured) {
        return JsonMapper.shared().readTree(captured.out());
    }
}
