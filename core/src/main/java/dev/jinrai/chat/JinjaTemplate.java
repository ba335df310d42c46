package dev.jinrai.chat;

import dev.jinrai.jinja.Template;
import dev.jinrai.jinja.TemplateException;
import dev.jinrai.tokenizer.Vocabulary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A template written in Jinja: a model's own, or one from a file.
public final class JinjaTemplate implements ChatTemplate {
    /// The name of the template that is in the model's file.
    static final String OWN = "the model's";

    private final String name;
    private final String source;
    private final Template template;
    private final String bos;
    private final String eos;
    private final boolean bosFollows;
    private @Nullable MessageMap messageMap;

    private JinjaTemplate(String name, String source, Template template, Vocabulary vocabulary) {
        this.name = name;
        this.source = source;
        this.template = template;
        bos = text(vocabulary, vocabulary.bos());
        eos = text(vocabulary, vocabulary.eos());
        bosFollows = vocabulary.addBos() && !bos.isEmpty();
    }

    /// Reads a template.
    ///
    /// @param name what messages call it
    /// @throws ChatTemplateException if the source is not Jinja; the message names line and column
    public static JinjaTemplate parse(String name, String source, Vocabulary vocabulary) {
        try {
            return new JinjaTemplate(name, source, Template.parse(source), vocabulary);
        } catch (TemplateException e) {
            throw failed(name, e);
        }
    }

    private static String text(Vocabulary vocabulary, OptionalInt id) {
        return id.isPresent() ? vocabulary.text(id.getAsInt()) : "";
    }

    private static ChatTemplateException failed(String name, TemplateException e) {
        return new ChatTemplateException(title(name) + ": " + e.getMessage());
    }

    private static String title(String name) {
        return name.equals(OWN) ? OWN + " chat template" : "chat template '%s'".formatted(name);
    }

    @Override
    public String title() {
        return title(name);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<String> source() {
        return Optional.of(source);
    }

    @Override
    public String render(ChatInput input) {
        if (!source.contains("tool_calls")
                && input.messages().stream().anyMatch(m -> !m.toolCalls().isEmpty())) {
            throw new ChatTemplateException(
                    "chat template '%s' has no place for tool calls".formatted(name));
        }
        Map<String, Object> variables = new HashMap<>();
        List<Message> messages =
                source.contains("tools") ? input.messages() : ToolDefinitions.told(input);
        if (SingleCalls.areNeeded(messages)
                && !MessageProbe.takesSeveral(messageMap(), this::render)) {
            messages = SingleCalls.of(messages);
        }
        variables.put("messages", messageMap().of(messages));
        variables.put("add_generation_prompt", input.addGenerationPrompt());
        if (!input.tools().isEmpty()) {
            variables.put("tools", input.tools().definitions());
        }
        variables.putAll(input.variables());
        return render(variables);
    }

    /// {@return the prompt for these variables, without the BOS token at its start, if the
    /// tokenizer adds one}
    ///
    /// @param variables `messages` with what the template knows of (`tool_calls`…),
    ///     `add_generation_prompt`, `tools` and whatever else it asks for; `bos_token` and
    ///     `eos_token` are the vocabulary's unless given
    /// @throws ChatTemplateException if the template refuses them or fails; the message names line
    ///     and column
    public String render(Map<String, ?> variables) {
        Map<String, Object> all = new HashMap<>(Map.of("bos_token", bos, "eos_token", eos));
        all.putAll(variables);
        try {
            String prompt = template.render(all);
            return bosFollows && prompt.startsWith(bos) ? prompt.substring(bos.length()) : prompt;
        } catch (TemplateException e) {
            throw failed(name, e);
        }
    }

    /// How this template wants messages, found out by trying when it is first asked.
    private synchronized MessageMap messageMap() {
        MessageMap known = messageMap;
        if (known == null) {
            known = MessageProbe.of(source, this::render);
            messageMap = known;
        }
        return known;
    }
}
