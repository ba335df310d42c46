package dev.jinrai.chat;

import java.util.List;

/// What every built-in template asks of a conversation.
final class Roles {
    private Roles() {}

    /// {@return the messages, if there is one and each is of the system, the user or the assistant}
    static List<Message> check(String template, ChatInput input) {
        return check(template, input, Message.SYSTEM, Message.USER, Message.ASSISTANT);
    }

    /// {@return the messages, if there is one and each has one of the roles}
    static List<Message> check(String template, ChatInput input, String... roles) {
        List<String> known = List.of(roles);
        if (!input.tools().isEmpty()) {
            throw new ChatTemplateException(
                    "chat template '%s' has no place for tools".formatted(template));
        }
        for (Message message : input.messages()) {
            if (!known.contains(message.role())) {
                throw new ChatTemplateException(
                        "role '%s' has no place in chat template '%s' (known: %s)"
                                .formatted(message.role(), template, String.join(", ", known)));
            }
            if (!message.toolCalls().isEmpty()) {
                throw new ChatTemplateException(
                        "chat template '%s' has no place for tool calls".formatted(template));
            }
        }
        return input.messages();
    }
}
