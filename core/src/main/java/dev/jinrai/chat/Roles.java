package dev.jinrai.chat;

import java.util.List;

/// What every built-in template asks of a conversation.
final class Roles {
    private Roles() {}

    /// {@return the messages, if there is one and each is of the system, the user or the assistant}
    static List<Message> check(String template, List<Message> messages) {
        return check(template, messages, Message.SYSTEM, Message.USER, Message.ASSISTANT);
    }

    /// {@return the messages, if there is one and each has one of the roles}
    static List<Message> check(String template, List<Message> messages, String... roles) {
        List<String> known = List.of(roles);
        if (messages.isEmpty()) {
            throw new ChatTemplateException("a conversation has at least one message");
        }
        for (Message message : messages) {
            if (!known.contains(message.role())) {
                throw new ChatTemplateException(
                        "role '%s' has no place in chat template '%s' (known: %s)"
                                .formatted(message.role(), template, String.join(", ", known)));
            }
        }
        return messages;
    }
}
