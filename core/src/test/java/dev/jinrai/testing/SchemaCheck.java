package dev.jinrai.testing;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whether a JSON text satisfies a schema, by Jackson and the definitions of the keywords (JSON Schema Validation, draft 2020-12). Nothing of
/// ours is used.
public final class SchemaCheck {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JsonNode document;

    private SchemaCheck(JsonNode document) {
        this.document = document;
    }

    /// {@return whether it is JSON, alone, and satisfies the schema}
    public static boolean satisfies(String text, String schema) {
        JsonNode value;
        try {
            value = JSON.readTree(text);
        } catch (JacksonException e) {
            return false;
        }
        JsonNode document = JSON.readTree(schema);
        return !value.isMissingNode() && new SchemaCheck(document).valid(value, document);
    }

    private boolean valid(JsonNode value, JsonNode schema) {
        if (schema.isBoolean()) {
            return schema.asBoolean();
        }
        return schema.properties().stream()
                .allMatch(k -> valid(value, k.getKey(), k.getValue(), schema));
    }

    private boolean valid(JsonNode value, String keyword, JsonNode wanted, JsonNode schema) {
        return switch (keyword) {
            case "type" -> elements(wanted).stream().anyMatch(type -> is(value, type.asString()));
            case "enum" -> elements(wanted).contains(value);
            case "const" -> wanted.equals(value);
            case "$ref" -> valid(value, target(wanted.asString()));
            case "anyOf" -> elements(wanted).stream().anyMatch(s -> valid(value, s));
            case "oneOf" -> elements(wanted).stream().filter(s -> valid(value, s)).count() == 1;
            case "allOf" -> elements(wanted).stream().allMatch(s -> valid(value, s));
            case "properties" ->
                    !value.isObject()
                            || wanted.properties().stream()
                                    .filter(p -> value.has(p.getKey()))
                                    .allMatch(p -> valid(value.get(p.getKey()), p.getValue()));
            case "required" ->
                    !value.isObject()
                            || elements(wanted).stream().allMatch(n -> value.has(n.asString()));
            case "additionalProperties" ->
                    !value.isObject()
                            || value.properties().stream()
                                    .filter(p -> !schema.path("properties").has(p.getKey()))
                                    .allMatch(p -> valid(p.getValue(), wanted));
            case "unevaluatedProperties" -> // beside 'properties' and '$ref' only
                    !value.isObject()
                            || value.properties().stream()
                                    .filter(p -> !schema.path("properties").has(p.getKey()))
                                    .filter(p ->
                                            !schema.has("$ref")
                                                    || !target(schema.get("$ref").asString())
                                                            .path("properties")
                                                            .has(p.getKey()))
                                    .allMatch(p -> valid(p.getValue(), wanted));
            case "unevaluatedItems" -> // beside 'prefixItems' only
                    !value.isArray()
                            || value.size() <= schema.path("prefixItems").size()
                            || wanted.asBoolean();
            case "prefixItems" -> {
                boolean all = true;
                for (int i = 0; value.isArray() && i < Math.min(value.size(), wanted.size()); i++) {
                    all &= valid(value.get(i), wanted.get(i));
                }
                yield all;
            }
            case "items" -> {
                boolean all = true;
                for (int i = schema.path("prefixItems").size();
                        value.isArray() && i < value.size();
                        i++) {
                    all &= valid(value.get(i), wanted);
                }
                yield all;
            }
            case "minItems" -> !value.isArray() || value.size() >= wanted.asInt();
            case "maxItems" -> !value.isArray() || value.size() <= wanted.asInt();
            case "minLength" -> !value.isString() || length(value) >= wanted.asInt();
            case "maxLength" -> !value.isString() || length(value) <= wanted.asInt();
            case "minimum" -> !value.isNumber() || compare(value, wanted) >= 0;
            case "exclusiveMinimum" -> !value.isNumber() || compare(value, wanted) > 0;
            case "maximum" -> !value.isNumber() || compare(value, wanted) <= 0;
            case "exclusiveMaximum" -> !value.isNumber() || compare(value, wanted) < 0;
            case "pattern" ->
                    !value.isString()
                            || Pattern.compile(wanted.asString()).matcher(value.asString()).find();
            case "format" -> !value.isString() || hasFormat(value.asString(), wanted.asString());
            case "$defs",
                    "definitions",
                    "title",
                    "description",
                    "default",
                    "examples",
                    "$schema",
                    "$id" ->
                    true;
            default -> throw new IllegalArgumentException("no such keyword here: " + keyword);
        };
    }

    private static List<JsonNode> elements(JsonNode node) {
        return node.isArray() ? node.valueStream().toList() : List.of(node);
    }

    private JsonNode target(String reference) {
        return reference.equals("#") ? document : document.at(reference.substring(1));
    }

    private static boolean is(JsonNode value, String type) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isString();
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            case "number" -> value.isNumber();
            case "integer" -> value.isIntegralNumber();
            default -> throw new IllegalArgumentException("no such type: " + type);
        };
    }

    private static int length(JsonNode text) {
        return text.asString().codePointCount(0, text.asString().length());
    }

    private static int compare(JsonNode a, JsonNode b) {
        return new BigDecimal(a.asString()).compareTo(new BigDecimal(b.asString()));
    }

    private static boolean hasFormat(String text, String format) {
        try {
            Object _ =
                    switch (format) {
                        case "date" -> LocalDate.parse(text);
                        case "time" ->
                                text.endsWith("Z")
                                        ? LocalTime.parse(text.substring(0, text.length() - 1))
                                        : OffsetTime.parse(text);
                        case "date-time" -> OffsetDateTime.parse(text);
                        case "uuid" -> UUID.fromString(text);
                        default -> throw new IllegalArgumentException("no such format: " + format);
                    };
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }
}
