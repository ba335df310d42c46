package dev.jinrai.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The functions that a model may ask to have called. Immutable.
///
/// A definition is OpenAI's: `{"type": "function", "function": {"name", "description",
/// "parameters": JSON Schema}}`, or what is inside `function` alone. Templates get it as it was given.
public final class Tools {
    /// No functions.
    public static final Tools NONE = new Tools(List.of(), Map.of());

    private final List<Map<String, ?>> definitions;

    /// The schema of the parameters of each function.
    private final Map<String, Map<?, ?>> parameters;

    private Tools(List<Map<String, ?>> definitions, Map<String, Map<?, ?>> parameters) {
        this.definitions = definitions;
        this.parameters = parameters;
    }

    /// Takes definitions: maps, lists, strings, numbers, truth values and null, as a JSON reader
    /// makes them. They are not to be changed any more.
    ///
    /// @throws ChatTemplateException if one is no object, or has no name, or two have the same
    public static Tools of(List<?> definitions) {
        List<Map<String, ?>> all = new ArrayList<>();
        Map<String, Map<?, ?>> parameters = new LinkedHashMap<>();
        for (Object each : definitions) {
            if (!(each instanceof Map<?, ?> definition)) {
                throw wrong(all.size(), "is not an object");
            }
            Map<?, ?> function = map(definition.get("function")).orElse(definition);
            if (!(function.get("name") instanceof String name) || name.isBlank()) {
                throw wrong(all.size(), "has no name");
            }
            Map<?, ?> schema = map(function.get("parameters")).orElse(Map.of());
            if (parameters.put(name, schema) != null) {
                throw wrong(all.size(), "is the second of the name '%s'".formatted(name));
            }
            all.add(withKeys(definition));
        }
        return new Tools(List.copyOf(all), Collections.unmodifiableMap(parameters));
    }

    private static ChatTemplateException wrong(int index, String what) {
        return new ChatTemplateException("tool definition %d %s".formatted(index + 1, what));
    }

    private static Map<String, ?> withKeys(Map<?, ?> map) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        map.forEach((key, value) -> result.put(String.valueOf(key), value));
        return Collections.unmodifiableMap(result);
    }

    private static Optional<Map<?, ?>> map(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
    }

    public boolean isEmpty() {
        return definitions.isEmpty();
    }

    /// {@return the definitions, as they were given}
    public List<Map<String, ?>> definitions() {
        return definitions;
    }

    /// {@return the names of the functions, in order}
    public Set<String> names() {
        return Collections.unmodifiableSet(parameters.keySet());
    }

    /// {@return what a function's schema says of the values of a parameter; nothing if there is no such parameter}
    public ToolParameter parameter(String function, String name) {
        Map<?, ?> schema = parameters.getOrDefault(function, Map.of());
        Map<?, ?> properties = map(schema.get("properties")).orElse(Map.of());
        return new ToolParameter(schema, properties.get(name));
    }
}
