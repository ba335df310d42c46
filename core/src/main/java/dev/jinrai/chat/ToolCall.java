package dev.jinrai.chat;

import java.util.Objects;

/// A model's wish to have a function called.
///
/// @param id what the result names it by; unique in a conversation
/// @param arguments a JSON object as text: `{"city": "Paris"}`
public record ToolCall(String id, String name, String arguments) {
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(arguments, "arguments");
    }
}
