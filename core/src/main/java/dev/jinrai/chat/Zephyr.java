package dev.jinrai.chat;

import dev.jinrai.tokenizer.Vocabulary;
import java.util.Set;

/// Zephyr's template, which TinyLlama's chat models and the demo model share.
///
/// ```
/// <|system|>          if there is one
/// {text}</s>
/// <|user|>
/// {text}</s>
/// <|assistant|>
/// ```
/// Every message is `<|role|>`, a line break, the text, the EOS token and a line break; an answer
/// begins after `<|assistant|>` and a line break.
///
/// Source: `tokenizer_config.json` of HuggingFaceH4/zephyr-7b-beta.
///
/// @param eos the EOS token as text
public record Zephyr(String eos) implements ChatTemplate {
    static final String NAME = "zephyr";

    /// Zephyr's and TinyLlama's own text, as their files have it: line breaks inside the literals.
    private static final String PUBLISHED =
            """
            {% for message in messages %}
            {% if message['role'] == 'user' %}
            {{ '<|user|>
            ' + message['content'] + eos_token }}
            {% elif message['role'] == 'system' %}
            {{ '<|system|>
            ' + message['content'] + eos_token }}
            {% elif message['role'] == 'assistant' %}
            {{ '<|assistant|>
            '  + message['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}\
            """;

    /// The demo model's text.
    private static final String DEMO =
            "{% for message in messages %}"
                    + "{% if message['role'] == 'user' %}"
                    + "{{ '<|user|>\\n' + message['content'] + eos_token + '\\n' }}"
                    + "{% elif message['role'] == 'system' %}"
                    + "{{ '<|system|>\\n' + message['content'] + eos_token + '\\n' }}"
                    + "{% elif message['role'] == 'assistant' %}"
                    + "{{ '<|assistant|>\\n' + message['content'] + eos_token + '\\n' }}"
                    + "{% endif %}{% endfor %}"
                    + "{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";

    /// The Jinja texts, without white space around them, that mean this template. They differ in
    /// one thing only, an empty conversation, which [#render] refuses.
    static final Set<String> TEXTS = Set.of(PUBLISHED, escaped(PUBLISHED), DEMO);

    /// The same template with its line breaks inside literals written as `\n`.
    private static String escaped(String template) {
        return template.replace(">\n'", ">\\n'");
    }

    static Zephyr of(Vocabulary vocabulary) {
        int eos =
                vocabulary
                        .eos()
                        .orElseThrow(() ->
                                new ChatTemplateException(
                                        "chat template 'zephyr' ends messages with the EOS token;"
                                                + " this vocabulary has none"));
        return new Zephyr(vocabulary.text(eos));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String render(ChatInput input) {
        StringBuilder prompt = new StringBuilder();
        var told =
                new ChatInput(
                        ToolDefinitions.told(input),
                        Tools.NONE,
                        input.variables(),
                        input.addGenerationPrompt());
        for (Message message : Roles.check(NAME, told)) {
            prompt.append("<|").append(message.role()).append("|>\n");
            prompt.append(message.content()).append(eos).append('\n');
        }
        if (input.addGenerationPrompt()) {
            prompt.append("<|assistant|>\n");
        }
        return prompt.toString();
    }
}
