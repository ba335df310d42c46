package dev.jinrai.chat.output;

import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonText;
import java.util.Optional;

/// A value written without quotes, as Python or JSON writes it.
final class PythonLiteral {
    private PythonLiteral() {}

    /// {@return the value as JSON, if it is one}
    static Optional<String> json(String text) {
        switch (text) {
            case "True" -> {
                return Optional.of("true");
            }
            case "False" -> {
                return Optional.of("false");
            }
            case "None" -> {
                return Optional.of("null");
            }
            default -> {}
        }
        try {
            JsonText.read(text);
            return Optional.of(text.strip());
        } catch (JsonException e) {
            return Optional.empty();
        }
    }
}
