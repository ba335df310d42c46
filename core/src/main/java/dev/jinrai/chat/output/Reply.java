package dev.jinrai.chat.output;

import dev.jinrai.chat.Message;
import dev.jinrai.chat.ToolCall;
import java.util.ArrayList;
import java.util.List;

/// A whole answer, taken apart.
///
/// @param content what it says; the text of malformed calls is part of it, where they stood
/// @param spoken the same without malformed calls: their marks, told to the model as its own words,
///     would spoil the prompt
/// @param reasoning what was thought before; empty if nothing
/// @param malformed why calls could not be used, a sentence each
public record Reply(
        String content,
        String spoken,
        String reasoning,
        List<ToolCall> toolCalls,
        List<String> malformed) {
    public Reply {
        toolCalls = List.copyOf(toolCalls);
        malformed = List.copyOf(malformed);
    }

    /// {@return the answer that all of its events are}
    public static Reply of(Iterable<? extends OutputEvent> events) {
        StringBuilder content = new StringBuilder();
        StringBuilder spoken = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        StringBuilder arguments = new StringBuilder();
        List<ToolCall> calls = new ArrayList<>();
        List<String> malformed = new ArrayList<>();
        var begun = new OutputEvent.ToolCallBegun(0, "", "");
        for (OutputEvent event : events) {
            switch (event) {
                case OutputEvent.Content c -> {
                    content.append(c.text());
                    spoken.append(c.text());
                }
                case OutputEvent.Reasoning r -> reasoning.append(r.text());
                case OutputEvent.ToolCallBegun b -> {
                    begun = b;
                    arguments.setLength(0);
                }
                case OutputEvent.Arguments a -> arguments.append(a.json());
                case OutputEvent.ToolCallComplete _ ->
                        calls.add(new ToolCall(begun.id(), begun.name(), arguments.toString()));
                case OutputEvent.Malformed m -> {
                    content.append(m.text());
                    malformed.add(
                            "the call of '%s' cannot be used: %s"
                                    .formatted(begun.name(), m.reason()));
                }
            }
        }
        return new Reply(
                content.toString(), spoken.toString(), reasoning.toString(), calls, malformed);
    }

    /// {@return the answer as a message of its conversation, without malformed calls}
    public Message message() {
        return Message.assistant(spoken, reasoning, toolCalls);
    }
}
