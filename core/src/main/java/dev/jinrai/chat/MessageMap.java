package dev.jinrai.chat;

import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a template wants to see a message, where templates differ.
///
/// @param argumentsAsText arguments as JSON text instead of a map (DeepSeek R1)
/// @param noContent an answer that is calls alone has null as its content instead of an empty string
///     (DeepSeek R1)
/// @param reasoning an answer without reasoning has an empty `reasoning_content`: a template that finds
///     none may look for `</think>` in the content, and cut there
/// @param thinking reasoning is called `thinking`, and excludes content beside calls (gpt-oss)
record MessageMap(boolean argumentsAsText, boolean noContent, boolean reasoning, boolean thinking) {
    static final MessageMap DEFAULT = new MessageMap(false, false, false, false);

    Map<String, ?> of(Message message) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        boolean calls = !message.toolCalls().isEmpty();
        map.put("role", message.role());
        if (!(thinking && calls && !message.reasoning().isEmpty())) {
            map.put(
                    "content",
                    noContent && calls && message.content().isEmpty() ? null : message.content());
        }
        boolean empty = reasoning && !thinking && message.role().equals(Message.ASSISTANT);
        if (empty || !message.reasoning().isEmpty()) {
            map.put(thinking ? "thinking" : "reasoning_content", message.reasoning());
        }
        if (calls) {
            map.put("tool_calls", message.toolCalls().stream().map(this::call).toList());
        }
        message.toolCallId().ifPresent(id -> map.put("tool_call_id", id));
        message.name().ifPresent(name -> map.put("name", name));
        return map;
    }

    List<Map<String, ?>> of(List<Message> messages) {
        List<Map<String, ?>> maps = new ArrayList<>();
        messages.forEach(message -> maps.add(of(message)));
        return maps;
    }

    private Map<String, ?> call(ToolCall call) {
        Map<String, @Nullable Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put("arguments", argumentsAsText ? call.arguments() : arguments(call.arguments()));
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", call.id());
        map.put("type", "function");
        map.put("function", function);
        return map;
    }

    /// What is not JSON stays text: the template says whether it can use it.
    private static @Nullable Object arguments(String text) {
        try {
            return JsonText.read(text);
        } catch (JsonException e) {
            return text;
        }
    }
}
