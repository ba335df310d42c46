package dev.jinrai.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.jinrai.gguf.Gguf;
import dev.jinrai.gguf.Metadata;
import dev.jinrai.gguf.MetadataValue;
import dev.jinrai.testing.Goldens;
import dev.jinrai.tokenizer.SpecialToken;
import dev.jinrai.tokenizer.Tokenizer;
import dev.jinrai.tokenizer.Vocabulary;
import dev.jinrai.tokenizer.VocabularyBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChatTemplateTest {
    private static final Vocabulary VOCABULARY =
            new VocabularyBuilder()
                    .tokens(List.of("<unk>", "<s>", "</s>"))
                    .special(SpecialToken.EOS, 2)
                    .build();
    private static final ChatTemplate ZEPHYR = ChatTemplate.named("zephyr", VOCABULARY);
    private static final ChatTemplate PLAIN = ChatTemplate.named("plain", VOCABULARY);
    private static final ChatTemplate NONE = ChatTemplate.named("none", VOCABULARY);

    // What Python's jinja2 makes of the published template and of the demo model's.

    @Test
    void zephyrRendersOneTurn() {
        assertThat(ZEPHYR.render(List.of(Message.user("Hi")), true))
                .isEqualTo("<|user|>\nHi</s>\n<|assistant|>\n");
        assertThat(ZEPHYR.render(List.of(Message.user("Hi")), false))
                .isEqualTo("<|user|>\nHi</s>\n");
    }

    @Test
    void zephyrRendersSeveralTurnsAfterASystemMessage() {
        List<Message> messages =
                List.of(
                        Message.system("Be brief."),
                        Message.user("Hi"),
                        Message.assistant("Hello"),
                        Message.user("1+1?"));
        assertThat(ZEPHYR.render(messages, true))
                .isEqualTo(
                        """
                        <|system|>
                        Be brief.</s>
                        <|user|>
                        Hi</s>
                        <|assistant|>
                        Hello</s>
                        <|user|>
                        1+1?</s>
                        <|assistant|>
                        """);
    }

    @Test
    void zephyrBeginsAnAnswerAlsoWhenTheLastTurnIsAnAnswer() {
        List<Message> messages = List.of(Message.user("Hi"), Message.assistant("Hello"));
        assertThat(ZEPHYR.render(messages, true))
                .isEqualTo("<|user|>\nHi</s>\n<|assistant|>\nHello</s>\n<|assistant|>\n");
        assertThat(ZEPHYR.render(messages, false))
                .isEqualTo("<|user|>\nHi</s>\n<|assistant|>\nHello</s>\n");
    }

    @Test
    void contentIsRenderedLetterByLetter() {
        assertThat(ZEPHYR.render(List.of(Message.user("")), true))
                .isEqualTo("<|user|>\n</s>\n<|assistant|>\n");
        assertThat(ZEPHYR.render(List.of(Message.user("a\n b "), Message.user("{{ x }}")), true))
                .isEqualTo("<|user|>\na\n b </s>\n<|user|>\n{{ x }}</s>\n<|assistant|>\n");
    }

    @Test
    void zephyrEndsMessagesWithTheVocabularysEosToken() {
        Vocabulary other =
                new VocabularyBuilder()
                        .tokens(List.of("<|endoftext|>"))
                        .special(SpecialToken.EOS, 0)
                        .build();
        assertThat(ChatTemplate.named("zephyr", other).render(List.of(Message.user("Hi")), false))
                .isEqualTo("<|user|>\nHi<|endoftext|>\n");
        Vocabulary none = new VocabularyBuilder().tokens(List.of("a")).build();
        assertThatThrownBy(() -> ChatTemplate.named("zephyr", none))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessageContaining("EOS token");
    }

    @Test
    void plainIsTheDocumentsTemplate() {
        assertThat(PLAIN.render(List.of(Message.user("1")), true))
                .isEqualTo("<|user|>\n1<|assistant|>");
        assertThat(PLAIN.render(List.of(Message.user("1")), false)).isEqualTo("<|user|>\n1");
        assertThat(
                        PLAIN.render(
                                List.of(
                                        Message.user("1"),
                                        Message.assistant("2"),
                                        Message.user("3")),
                                true))
                .isEqualTo("<|user|>\n1<|assistant|>2<|user|>\n3<|assistant|>");
    }

    @Test
    void plainHasNoPlaceForASystemMessage() {
        List<Message> messages = List.of(Message.system("Be brief."), Message.user("1"));
        assertThatThrownBy(() -> PLAIN.render(messages, true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage(
                        "role 'system' has no place in chat template 'plain' (known: user,"
                                + " assistant)");
    }

    @Test
    void noneAddsNothing() {
        assertThat(NONE.render(List.of(Message.user("Once upon ")), true)).isEqualTo("Once upon ");
        assertThat(
                        NONE.render(
                                List.of(Message.user("Once upon "), Message.assistant("a time")),
                                false))
                .isEqualTo("Once upon a time");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zephyr", "plain", "none"})
    void anUnknownRoleIsAnError(String name) {
        ChatTemplate template = ChatTemplate.named(name, VOCABULARY);
        assertThat(template.name()).isEqualTo(name);
        for (String role : List.of("tool", "User", "")) {
            assertThatThrownBy(() -> template.render(List.of(new Message(role, "x")), true))
                    .isInstanceOf(ChatTemplateException.class)
                    .hasMessageStartingWith("role '" + role + "' has no place in chat template");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zephyr", "plain", "none"})
    void aConversationWithoutAMessageIsAnError(String name) {
        ChatTemplate template = ChatTemplate.named(name, VOCABULARY);
        assertThatThrownBy(() -> template.render(List.of(), true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("a conversation has at least one message");
    }

    @Test
    void anUnknownNameIsAnErrorThatNamesTheKnownOnes() {
        assertThatThrownBy(() -> ChatTemplate.named("chatml", VOCABULARY))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("no chat template 'chatml' (known: none, plain, zephyr)");
        assertThat(ChatTemplate.names()).containsExactly("none", "plain", "zephyr");
    }

    @Test
    void theDemoModelsOwnTemplateIsZephyrs() {
        try (Gguf gguf =
                Gguf.open(Goldens.folder().resolveSibling("demo").resolve("demo-Q8_0.gguf"))) {
            Vocabulary vocabulary = Tokenizer.from(gguf.metadata()).vocabulary();
            assertThat(ChatTemplate.from(gguf.metadata(), vocabulary))
                    .isEqualTo(new Zephyr("</s>"));
        }
    }

    @Test
    void tinyLlamasOwnTemplateIsZephyrs() {
        // tokenizer_config.json of TinyLlama-1.1B-Chat-v1.0 and of zephyr-7b-beta.
        String published =
                "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n'"
                        + " + message['content'] + eos_token }}\n{% elif message['role'] =="
                        + " 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
                        + "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  +"
                        + " message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and"
                        + " add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n"
                        + "{% endfor %}";
        assertThat(ChatTemplate.from(withTemplate(published), VOCABULARY)).isEqualTo(ZEPHYR);
        assertThat(ChatTemplate.from(withTemplate("\n" + published + "\n"), VOCABULARY))
                .isEqualTo(ZEPHYR);
        String escaped = published.replace("|>\n'", "|>\\n'");
        assertThat(ChatTemplate.from(withTemplate(escaped), VOCABULARY)).isEqualTo(ZEPHYR);
    }

    @Test
    void aModelsOwnTemplateIsRenderedAsJinja() {
        Vocabulary adding =
                new VocabularyBuilder()
                        .tokens(List.of("<unk>", "<s>", "</s>"))
                        .special(SpecialToken.BOS, 1)
                        .special(SpecialToken.EOS, 2)
                        .addBos(true)
                        .build();
        String source =
                "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{{ eos_token }}"
                        + "{% endfor %}{% if tools %}{{ tools | tojson }}{% endif %}"
                        + "{% if add_generation_prompt %}[{{ mood | default('calm') }}]{% endif %}";
        ChatTemplate template = ChatTemplate.from(withTemplate(source), adding);
        assertThat(template.render(List.of(Message.user("Hi")), true))
                .as("the tokenizer adds the BOS token")
                .isEqualTo("[user]Hi</s>[calm]");
        assertThat(
                        ((JinjaTemplate) template)
                                .render(
                                        Map.of(
                                                "messages",
                                                List.of(),
                                                "tools",
                                                List.of(Map.of("name", "f")),
                                                "add_generation_prompt",
                                                true,
                                                "mood",
                                                "glad")))
                .isEqualTo("[{\"name\": \"f\"}][glad]");
    }

    @Test
    void zephyrHasToolsInTheSystemMessage() {
        var tools = Tools.of(List.of(Map.of("name", "add")));

        assertThat(ZEPHYR.render(ChatInput.of(List.of(Message.user("1+1?"))).withTools(tools)))
                .isEqualTo(
                        "<|system|>\nYou can call these functions, which are defined in JSON:\n\n"
                                + "{\"name\": \"add\"}\n"
                                + "</s>\n<|user|>\n1+1?</s>\n<|assistant|>\n");
        assertThat(
                        ZEPHYR.render(
                                ChatInput.of(
                                                List.of(
                                                        Message.system("Be kind."),
                                                        Message.user("Hi")))
                                        .withTools(tools)))
                .startsWith("<|system|>\nBe kind.\n\nYou can call these functions");
    }

    @Test
    void withoutAPlaceForToolsTheyAreInTheSystemMessage() {
        String source = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";
        ChatTemplate template = ChatTemplate.from(withTemplate(source), VOCABULARY);
        var tools = Tools.of(List.of(Map.of("name", "add")));
        String told =
                "You can call these functions, which are defined in JSON:\n\n{\"name\": \"add\"}\n";
        assertThat(template.render(ChatInput.of(List.of(Message.user("1"))).withTools(tools)))
                .isEqualTo("[system]" + told + "[user]1");
        assertThat(
                        template.render(
                                ChatInput.of(List.of(Message.system("Hi"), Message.user("1")))
                                        .withTools(tools)))
                .isEqualTo("[system]Hi\n\n" + told + "[user]1");
    }

    /// Where there is none, a template may split the content at `</think>`.
    @Test
    void anAnswerWithoutReasoningHasAnEmptyOne() {
        String source =
                "{% for m in messages %}{% if m.reasoning_content is string %}"
                        + "{{ m.reasoning_content }}|{{ m.content }}{% else %}"
                        + "{{ m.content.split('</think>')[-1] }}{% endif %}{% endfor %}";
        ChatTemplate template = ChatTemplate.from(withTemplate(source), VOCABULARY);
        assertThat(
                        template.render(
                                List.of(
                                        Message.user("Q"),
                                        Message.assistant("the mark </think> ends it")),
                                false))
                .isEqualTo("Q|the mark </think> ends it");
    }

    private static final ToolCall ADD = new ToolCall("1", "add", "{\"a\": 1}");
    private static final ToolCall MUL = new ToolCall("2", "mul", "{\"a\": 2}");

    /// Printed as Python prints a map, arguments are no JSON.
    @Test
    void aTemplateThatPrintsArgumentsAsTheyComeGetsThemAsText() {
        String source =
                "{% for m in messages %}{{ m.content }}{% for c in m.tool_calls %}"
                        + "{{ c.function.name }}{{ c.function.arguments }}{% endfor %}{% endfor %}";
        assertThat(
                        ChatTemplate.from(withTemplate(source), VOCABULARY)
                                .render(
                                        List.of(
                                                Message.user("Q"),
                                                Message.assistant("", "", List.of(ADD))),
                                        false))
                .isEqualTo("Qadd{\"a\": 1}");
    }

    @Test
    void aTemplateForSingleCallsGetsAnAnswerForEach() {
        List<Message> messages =
                List.of(
                        Message.user("Q"),
                        Message.assistant("So", "", List.of(ADD, MUL)),
                        Message.tool(ADD, "one"),
                        Message.tool(MUL, "two"));
        String first =
                "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% if m.tool_calls %}"
                        + "{{ m.tool_calls[0].function | tojson }}{% endif %}{% endfor %}";
        String refusing =
                first.replace(
                        "{% if m.tool_calls %}",
                        "{% if m.tool_calls %}{% if m.tool_calls | length > 1 %}"
                                + "{{ raise_exception('one') }}{% endif %}");
        for (String source : List.of(first, refusing)) {
            assertThat(ChatTemplate.from(withTemplate(source), VOCABULARY).render(messages, false))
                    .isEqualTo(
                            "[user]Q[assistant]So{\"name\": \"add\", \"arguments\": {\"a\":"
                                    + " 1}}[tool]one[assistant]{\"name\": \"mul\", \"arguments\":"
                                    + " {\"a\": 2}}[tool]two");
        }
        String all =
                first.replace(
                        "{{ m.tool_calls[0].function | tojson }}",
                        "{% for c in m.tool_calls %}{{ c.function | tojson }}{% endfor %}");
        assertThat(ChatTemplate.from(withTemplate(all), VOCABULARY).render(messages, false))
                .contains("}}{\"name\"");
    }

    @Test
    void aBrokenRefusingOrMissingTemplateIsAnErrorThatSaysWhere() {
        assertThatThrownBy(() -> ChatTemplate.from(withTemplate("a\n{{ x"), VOCABULARY))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("the model's chat template: line 2, column 1: '{{' is not closed");
        ChatTemplate refusing =
                ChatTemplate.from(withTemplate("{{ raise_exception('no') }}"), VOCABULARY);
        assertThatThrownBy(() -> refusing.render(List.of(Message.user("1")), true))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage("the model's chat template: line 1, column 19: no");
        assertThatThrownBy(() -> ChatTemplate.from(new Metadata("test", Map.of()), VOCABULARY))
                .isInstanceOf(ChatTemplateException.class)
                .hasMessage(
                        "the model has no chat template; those built in are none, plain, zephyr");
    }

    private static Metadata withTemplate(String text) {
        return new Metadata("test", Map.of(ChatTemplate.KEY, new MetadataValue.Text(text)));
    }
}
