package dev.jinrai.chat.output;

import dev.jinrai.chat.output.OutputEvent.Arguments;
import dev.jinrai.chat.output.OutputEvent.Content;
import dev.jinrai.chat.output.OutputEvent.Malformed;
import dev.jinrai.chat.output.OutputEvent.Reasoning;
import dev.jinrai.chat.output.OutputEvent.ToolCallBegun;
import dev.jinrai.chat.output.OutputEvent.ToolCallComplete;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Collects events; texts that follow each other become one. No text ends inside a surrogate pair
/// while more may come.
final class Events {
    private enum Kind {
        CONTENT,
        REASONING,
        ARGUMENTS
    }

    private final Supplier<String> ids;
    private final StringBuilder text = new StringBuilder();
    private List<OutputEvent> events = new ArrayList<>();
    private Kind kind = Kind.CONTENT;
    private int index;

    /// All arguments of the call.
    private final StringBuilder whole = new StringBuilder();

    /// @param ids for calls that the model gives none
    Events(Supplier<String> ids) {
        this.ids = ids;
    }

    void content(char c) {
        add(Kind.CONTENT, c);
    }

    void reasoning(char c) {
        add(Kind.REASONING, c);
    }

    void arguments(char c) {
        whole.append(c);
        add(Kind.ARGUMENTS, c);
    }

    void arguments(CharSequence json) {
        json.chars().forEach(c -> arguments((char) c));
    }

    /// @param id empty if the model gives none
    void begin(String id, String name) {
        cut(text.length());
        whole.setLength(0);
        events.add(new ToolCallBegun(index, id.isEmpty() ? ids.get() : id, name));
    }

    /// Ends a call: complete if its arguments can be read. A scanner of JSON passes what a reader
    /// refuses: a key that comes twice, half a surrogate pair, a number of a thousand digits.
    ///
    /// @param call its text
    void complete(CharSequence call) {
        String wrong = wrong(whole.toString());
        if (!wrong.isEmpty()) {
            malformed(call.toString(), "its arguments cannot be read: " + wrong);
            return;
        }
        cut(text.length());
        events.add(new ToolCallComplete(index++));
    }

    /// {@return why it is no JSON object; empty if it is one}
    private static String wrong(String json) {
        try {
            return JsonText.read(json) instanceof Map ? "" : "no object";
        } catch (JsonException e) {
            return "" + e.getMessage();
        }
    }

    void malformed(String call, String reason) {
        cut(text.length());
        events.add(new Malformed(index++, call, reason));
    }

    /// {@return the events since the last time}
    List<OutputEvent> take(boolean last) {
        int length = text.length();
        boolean half = length > 0 && Character.isHighSurrogate(text.charAt(length - 1));
        cut(half && !last ? length - 1 : length);
        List<OutputEvent> taken = List.copyOf(events);
        events = new ArrayList<>();
        return taken;
    }

    private void add(Kind next, char c) {
        if (kind != next) {
            cut(text.length());
            kind = next;
        }
        text.append(c);
    }

    private void cut(int length) {
        if (length > 0) {
            String part = text.substring(0, length);
            text.delete(0, length);
            events.add(
                    switch (kind) {
                        case CONTENT -> new Content(part);
                        case REASONING -> new Reasoning(part);
                        case ARGUMENTS -> new Arguments(index, part);
                    });
        }
    }
}
