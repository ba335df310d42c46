package dev.jinrai.cli;

import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// JSON in and out. This class is loaded, and Jackson with it, when somebody asks for JSON.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Json() {}

    /// {@return a document on one line}
    ///
    /// @param value maps, lists, texts, numbers, truth values
    static String write(Object value) {
        return surrogatesEscaped(MAPPER.writeValueAsString(value));
    }

    /// Half a character, which JSON can say and UTF-8 cannot.
    private static String surrogatesEscaped(String json) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < json.length(); i += Character.charCount(json.codePointAt(i))) {
            int c = json.codePointAt(i);
            if (Character.getType(c) == Character.SURROGATE) {
                escaped.append("\\u").append(HexFormat.of().toHexDigits((char) c));
            } else {
                escaped.appendCodePoint(c);
            }
        }
        return escaped.toString();
    }

    /// {@return the object that is the whole of `text`}
    ///
    /// @throws CommandException if it is something else
    static JsonNode readObject(String text) {
        JsonNode node;
        try {
            node = MAPPER.readTree(text);
        } catch (JacksonException e) {
            throw notJson(e);
        }
        if (!node.isObject()) {
            throw new CommandException("not a JSON object");
        }
        return node;
    }

    /// {@return the items of the array that is the whole of `text`}
    ///
    /// @throws CommandException if it is something else
    static List<?> list(String text) {
        try {
            if (MAPPER.readValue(text, Object.class) instanceof List<?> list) {
                return list;
            }
        } catch (JacksonException e) {
            throw notJson(e);
        }
        throw new CommandException("not a JSON array");
    }

    /// Where the text ends too early, the parser goes on about places in a source that it does not name.
    private static CommandException notJson(JacksonException e) {
        String message = String.valueOf(e.getOriginalMessage());
        int place = message.indexOf(" (start marker at");
        return new CommandException(
                "not JSON: " + (place < 0 ? message : message.substring(0, place)));
    }

    /// {@return the value that is the whole of `text`, or the text where it is not JSON}
    static @Nullable Object orText(String text) {
        try {
            return MAPPER.readValue(text, Object.class);
        } catch (JacksonException e) {
            return text;
        }
    }

    /// {@return the keys and values of an object, in its order: null, texts, numbers, truth values,
    /// lists and maps of them}
    static Map<String, @Nullable Object> map(JsonNode object) {
        var map = new LinkedHashMap<String, @Nullable Object>();
        object.properties()
                .forEach(entry ->
                        map.put(
                                entry.getKey(),
                                MAPPER.treeToValue(entry.getValue(), Object.class)));
        return map;
    }

    /// {@return an object of these keys and values, in this order}
    static Map<String, @Nullable Object> object(@Nullable Object... keysAndValues) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return object;
    }
}
