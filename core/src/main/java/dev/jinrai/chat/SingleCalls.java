package dev.jinrai.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A conversation for templates that have place for one call in an answer, as Llama 3.1's: each call of an answer becomes an answer of its
/// own, with its result behind it.
final class SingleCalls {
    private SingleCalls() {}

    /// {@return whether an answer has several calls}
    static boolean areNeeded(List<Message> messages) {
        return messages.stream().anyMatch(message -> message.toolCalls().size() > 1);
    }

    /// {@return the same with one call in each answer}
    static List<Message> of(List<Message> messages) {
        List<Message> single = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            if (message.toolCalls().size() < 2) {
                single.add(message);
                continue;
            }
            Map<String, Message> results = new LinkedHashMap<>();
            while (i + 1 < messages.size() && messages.get(i + 1).role().equals(Message.TOOL)) {
                Message result = messages.get(++i);
                String id = result.toolCallId().orElse("");
                String place = results.containsKey(id) || id.isEmpty() ? id + "#" + i : id;
                results.put(place, result);
            }
            String content = message.content();
            String reasoning = message.reasoning();
            for (ToolCall call : message.toolCalls()) {
                single.add(Message.assistant(content, reasoning, List.of(call)));
                content = "";
                reasoning = "";
                Message result = results.remove(call.id());
                if (result != null) {
                    single.add(result);
                }
            }
            single.addAll(results.values()); // of no call that there is: the template's affair
        }
        return single;
    }
}
