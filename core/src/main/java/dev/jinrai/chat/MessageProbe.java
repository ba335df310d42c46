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
    private static final String OTHER = "probed_other";
    private static final ToolCall CALL = call("probe0001", FUNCTION);
    private static final ToolCall OTHER_CALL = call("probe0002", OTHER);

    /// A map that is printed as Python does it, and no JSON: the template wants a text.
    private static final String REPR = "'argument':";

    private static final List<Message> CONVERSATION =
            List.of(
                    Message.user("question"),
                    Message.assistant("", "", List.of(CALL)),
                    Message.tool(CALL, "result"));

    private static final List<Message> SEVERAL =
            List.of(
                    Message.user("question"),
                    Message.assistant("", "", List.of(CALL, OTHER_CALL)),
                    Message.tool(CALL, "result"),
                    Message.tool(OTHER_CALL, "result"));

    private MessageProbe() {}

    private static ToolCall call(String id, String function) {
        return new ToolCall(id, function, "{\"argument\": \"%s\"}".formatted(value(function)));
    }

    private static String value(String function) {
        return "value of " + function;
    }

    /// {@return the way of this template; the common one where none brings the call into the prompt}
    static MessageMap of(String source, Function<Map<String, ?>, String> render) {
        boolean thinking = source.contains("message.thinking");
        boolean reasoning = source.contains("reasoning_content");
        if (source.contains("tool_calls")) {
            for (boolean repr : new boolean[] {false, true}) {
                for (boolean text : new boolean[] {false, true}) {
                    for (boolean noContent : new boolean[] {false, true}) {
                        var map = new MessageMap(text, noContent, reasoning, thinking);
                        String prompt = prompt(map, CONVERSATION, render);
                        if (shows(prompt, FUNCTION) && (repr || !prompt.contains(REPR))) {
                            return map;
                        }
                    }
                }
            }
        }
        return new MessageMap(false, false, reasoning, thinking);
    }

    /// {@return whether a template has place for several calls in an answer}
    static boolean takesSeveral(MessageMap map, Function<Map<String, ?>, String> render) {
        String prompt = prompt(map, SEVERAL, render);
        return shows(prompt, FUNCTION) && shows(prompt, OTHER);
    }

    private static boolean shows(String prompt, String function) {
        return prompt.contains(function) && prompt.contains(value(function));
    }

    /// {@return what comes of a conversation; nothing if the template refuses it}
    private static String prompt(
            MessageMap map, List<Message> messages, Function<Map<String, ?>, String> render) {
        try {
            return render.apply(
                    Map.of("messages", map.of(messages), "add_generation_prompt", true));
        } catch (ChatTemplateException e) {
            return "";
        }
    }
}
