package dev.jinrai.chat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// One turn of a conversation.
///
/// @param role who speaks: `system`, `user`, `assistant` or `tool`; a template may know more
/// @param content what is said; may be empty
/// @param reasoning what the assistant thought before; a template uses it or leaves it out
/// @param toolCalls what the assistant wants called
/// @param toolCallId of a tool's message: the call that it answers
/// @param name of a tool's message: the function that was called
public record Message(
        String role,
        String content,
        String reasoning,
        List<ToolCall> toolCalls,
        Optional<String> toolCallId,
        Optional<String> name) {
    public static final String SYSTEM = "system";
    public static final String USER = "user";
    public static final String ASSISTANT = "assistant";
    public static final String TOOL = "tool";

    public Message {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(reasoning, "reasoning");
        Objects.requireNonNull(toolCallId, "toolCallId");
        Objects.requireNonNull(name, "name");
        toolCalls = List.copyOf(toolCalls);
    }

    /// A message that is text alone.
    public Message(String role, String content) {
        this(role, content, "", List.of(), Optional.empty(), Optional.empty());
    }

    public static Message system(String content) {
        return new Message(SYSTEM, content);
    }

    public static Message user(String content) {
        return new Message(USER, content);
    }

    public static Message assistant(String content) {
        return new Message(ASSISTANT, content);
    }

    /// An answer with what belongs to it.
    public static Message assistant(String content, String reasoning, List<ToolCall> toolCalls) {
        return new Message(
                ASSISTANT, content, reasoning, toolCalls, Optional.empty(), Optional.empty());
    }

    /// What a function returned.
    public static Message tool(ToolCall call, String result) {
        return new Message(
                TOOL, result, "", List.of(), Optional.of(call.id()), Optional.of(call.name()));
    }

    /// A message that is the map of these keys, as templates and OpenAI's API have it: `role` and
    /// `content`, and where there is something to them `reasoning_content`, `tool_calls` (each
    /// `{"id", "type": "function", "function": {"name", "arguments": a map}}`), `tool_call_id`, `name`.
    public Map<String, ?> variables() {
        return MessageMap.DEFAULT.of(this);
    }
}
