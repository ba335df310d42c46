package dev.jinrai.chat;

/// No template: the messages' texts one after another, nothing added. For models that were not
/// trained to chat, and for prompts that bring their own marks.
public record Raw() implements ChatTemplate {
    static final String NAME = "none";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String render(ChatInput input) {
        StringBuilder prompt = new StringBuilder();
        for (Message message : Roles.check(NAME, input)) {
            prompt.append(message.content());
        }
        return prompt.toString();
    }
}
