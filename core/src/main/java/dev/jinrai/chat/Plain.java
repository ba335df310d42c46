package dev.jinrai.chat;

/// `<|user|>\n{text}<|assistant|>`, and nothing between the turns but these marks.
///
/// The form in which the documents that this project began with state their reference values. A
/// system message has no place in it.
public record Plain() implements ChatTemplate {
    static final String NAME = "plain";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String render(ChatInput input) {
        StringBuilder prompt = new StringBuilder();
        for (Message message : Roles.check(NAME, input, Message.USER, Message.ASSISTANT)) {
            prompt.append(message.role().equals(Message.USER) ? "<|user|>\n" : "<|assistant|>");
            prompt.append(message.content());
        }
        if (input.addGenerationPrompt()) {
            prompt.append("<|assistant|>");
        }
        return prompt.toString();
    }
}
