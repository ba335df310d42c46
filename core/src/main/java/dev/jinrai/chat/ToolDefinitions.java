package dev.jinrai.chat;

import dev.jinrai.jinja.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How a model learns of tools whose template has no place for them: in the system message.
final class ToolDefinitions {
    private static final Template TEXT =
            Template.parse(
                    "You can call these functions, which are defined in JSON:\n\n"
                            + "{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}");

    private ToolDefinitions() {}

    /// {@return the messages, with the tools, if there are some, at the end of the system message}
    static List<Message> told(ChatInput input) {
        if (input.tools().isEmpty()) {
            return input.messages();
        }
        String definitions = TEXT.render(Map.of("tools", input.tools().definitions()));
        List<Message> messages = new ArrayList<>(input.messages());
        Message first = messages.getFirst();
        if (first.role().equals(Message.SYSTEM)) {
            messages.set(0, Message.system(first.content() + "\n\n" + definitions));
        } else {
            messages.addFirst(Message.system(definitions));
        }
        return messages;
    }
}
