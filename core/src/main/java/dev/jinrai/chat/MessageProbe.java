package dev.jinrai.chat;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Finds out how a template wants to see an answer that calls a function: it renders a small
/// conversation in each of the ways there are, and the first counts whose prompt holds the call.
/// (llama.cpp finds out the same by the same means.) Nothing else tells: templates that want another
/// form than the common one print the answer without its calls.
final class MessageProbe {
    private static final String FUNCTION = "probed_function";
    private static final String VALUE = "probed value";
    private static final ToolCall CALL =
            new ToolCall("probe0001", FUNCTION, "{\"argument\": \"%s\"}".formatted(VALUE));
    private static final List<Message> CONVERSATION =
            List.of(
                    Message.user("question"),
                    Message.assistant("", "", List.of(CALL)),
                    Message.tool(CALL, "result"));

    private MessageProbe() {}

    /// {@return the way of this template; the common one where none brings the call into the prompt}
    static MessageMap of(String source, Function<Map<String, ?>, String> render) {
        boolean thinking = source.contains("message.thinking");
        boolean reasoning = source.contains("reasoning_content");
        if (source.contains("tool_calls")) {
            for (boolean text : new boolean[] {false, true}) {
                for (boolean noContent : new boolean[] {false, true}) {
                    var map = new MessageMap(text, noContent, reasoning, thinking);
                    if (shows(map, render)) {
                        return map;
                    }
                }
            }
        }
        return new MessageMap(false, false, reasoning, thinking);
    }

    private static boolean shows(MessageMap map, Function<Map<String, ?>, String> render) {
        try {
            String prompt =
                    render.apply(
                            Map.of(
                                    "messages",
                                    map.of(CONVERSATION),
                                    "add_generation_prompt",
                                    true));
            return prompt.contains(FUNCTION) && prompt.contains(VALUE);
        } catch (ChatTemplateException e) {
            return false;
        }
    }
}
