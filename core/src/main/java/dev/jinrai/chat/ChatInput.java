package dev.jinrai.chat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a template makes a prompt of.
///
/// @param messages at least one, in order
/// @param tools the functions the model may ask for
/// @param variables what else the template asks for by name, as `enable_thinking`: values as a JSON
///     reader makes them. They overrule `messages`, `tools` and the other variables that are always there
/// @param addGenerationPrompt end with what begins an answer of the assistant
public record ChatInput(
        List<Message> messages,
        Tools tools,
        Map<String, ?> variables,
        boolean addGenerationPrompt) {
    /// @throws ChatTemplateException if there is no message
    public ChatInput {
        messages = List.copyOf(messages);
        Objects.requireNonNull(tools, "tools");
        variables = Collections.unmodifiableMap(new LinkedHashMap<>(variables));
        if (messages.isEmpty()) {
            throw new ChatTemplateException("a conversation has at least one message");
        }
    }

    /// A conversation, which the assistant is to go on with.
    public static ChatInput of(List<Message> messages) {
        return new ChatInput(messages, Tools.NONE, Map.of(), true);
    }

    /// {@return the same with functions}
    public ChatInput withTools(Tools functions) {
        return new ChatInput(messages, functions, variables, addGenerationPrompt);
    }

    /// {@return the same with other variables}
    public ChatInput withVariables(Map<String, ?> others) {
        return new ChatInput(messages, tools, others, addGenerationPrompt);
    }
}
