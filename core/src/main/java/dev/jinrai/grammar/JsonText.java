package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import java.util.stream.Collectors;

/// Values as JSON texts without white space.
final class JsonText {
    private JsonText() {}

    static String of(JsonValue value) {
        return switch (value) {
            case JsonValue.Members(var members) ->
                    members.entrySet().stream()
                            .map(member -> quote(member.getKey()) + ":" + of(member.getValue()))
                            .collect(Collectors.joining(",", "{", "}"));
            case JsonValue.Items(var items) ->
                    items.stream().map(JsonText::of).collect(Collectors.joining(",", "[", "]"));
            case JsonValue.Text(String text) -> quote(text);
            case JsonValue.Numeral(String literal) -> literal;
            case JsonValue.Flag(boolean flag) -> Boolean.toString(flag);
            case JsonValue.Null() -> "null";
        };
    }

    /// {@return a text between quotes}
    ///
    /// @param text without halves of surrogate pairs
    static String quote(String text) {
        var quoted = new StringBuilder("\"");
        text.codePoints()
                .forEach(c -> {
                    switch (c) {
                        case '"', '\\' -> quoted.append('\\').append((char) c);
                        case '\n' -> quoted.append("\\n");
                        case '\r' -> quoted.append("\\r");
                        case '\t' -> quoted.append("\\t");
                        default -> {
                            if (c < 0x20 || c == 0x7F) {
                                quoted.append("\\u%04x".formatted(c));
                            } else {
                                quoted.appendCodePoint(c);
                            }
                        }
                    }
                });
        return quoted.append('"').toString();
    }
}
