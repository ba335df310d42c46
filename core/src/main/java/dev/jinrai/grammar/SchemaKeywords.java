package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import dev.jinrai.json.JsonValue.Numeral;
import dev.jinrai.json.JsonValue.Text;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The keywords of one schema, read with their types.
///
/// @param path of the schema in its document, for messages
record SchemaKeywords(Map<String, JsonValue> members, String path) {
    /// Keywords that say something about a value, and restrict none.
    private static final Set<String> ANNOTATIONS =
            Set.of(
                    "title",
                    "description",
                    "default",
                    "example",
                    "examples",
                    "deprecated",
                    "readOnly",
                    "writeOnly",
                    "$schema",
                    "$id",
                    "$comment",
                    "discriminator",
                    "$defs",
                    "definitions");

    private static final Set<String> TYPES =
            Set.of("object", "array", "string", "number", "integer", "boolean", "null");

    /// As long as a number that somebody wrote.
    private static final int MOST_NUMERAL = 400;

    static final Set<String> OBJECT = Set.of("properties", "required", "additionalProperties");
    static final Set<String> ARRAY = Set.of("items", "prefixItems", "minItems", "maxItems");
    static final Set<String> STRING = Set.of("minLength", "maxLength", "pattern", "format");
    static final Set<String> NUMBER =
            Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum");

    /// Of 2020-12, section 11 of its core.
    static final Set<String> UNEVALUATED = Set.of("unevaluatedProperties", "unevaluatedItems");

    static final Set<String> GENERAL =
            Set.of("type", "enum", "const", "$ref", "allOf", "anyOf", "oneOf");

    /// @throws GrammarException if there is one that cannot be enforced; it is named
    void check() {
        checkTypes();
        members.forEach((keyword, value) -> {
            boolean nothing =
                    (keyword.equals("uniqueItems") && value.equals(new Flag(false)))
                            || (keyword.equals("minProperties") && value.equals(new Numeral("0")))
                            || (UNEVALUATED.contains(keyword) && value instanceof Flag);
            if (!nothing && !known(keyword)) {
                throw problem("the keyword '%s' cannot be enforced".formatted(keyword));
            }
        });
    }

    private void checkTypes() {
        List<JsonValue> types =
                switch (members.get("type")) {
                    case null -> List.of();
                    case Items(var elements) -> elements;
                    case JsonValue one -> List.of(one);
                };
        for (JsonValue type : types) {
            if (!(type instanceof Text(String name))) {
                throw problem("'type' is a text or a list of texts");
            }
            if (!TYPES.contains(name)) {
                throw problem("there is no type '%s'".formatted(name));
            }
        }
    }

    /// {@return whether it restricts nothing; `x-…` is an extension of OpenAPI}
    static boolean isAnnotation(String keyword) {
        return ANNOTATIONS.contains(keyword) || keyword.startsWith("x-");
    }

    private static boolean known(String keyword) {
        return isAnnotation(keyword)
                || List.of(OBJECT, ARRAY, STRING, NUMBER, GENERAL).stream()
                        .anyMatch(set -> set.contains(keyword));
    }

    GrammarException problem(String what) {
        return new GrammarException(path + ": " + what);
    }

    boolean has(String keyword) {
        return members.containsKey(keyword);
    }

    boolean hasAny(Set<String> keywords) {
        return keywords.stream().anyMatch(members::containsKey);
    }

    /// {@return the keywords that restrict, without some}
    Map<String, JsonValue> without(Set<String> keywords) {
        var rest = new LinkedHashMap<>(members);
        rest.keySet().removeAll(keywords);
        rest.keySet().removeIf(SchemaKeywords::isAnnotation);
        return rest;
    }

    /// {@return what properties or elements are that no keyword speaks of}
    ///
    /// @param keyword `additionalProperties` or `items`
    /// @param unevaluated `unevaluatedProperties` or `unevaluatedItems`, which a text satisfies that has none of them
    JsonValue others(String keyword, String unevaluated) {
        return members.getOrDefault(
                keyword, new Flag(!new Flag(false).equals(members.get(unevaluated))));
    }

    Optional<List<JsonValue>> list(String keyword) {
        return switch (members.get(keyword)) {
            case null -> Optional.empty();
            case Items(var elements) -> Optional.of(elements);
            default -> throw problem("'%s' is a list".formatted(keyword));
        };
    }

    Map<String, JsonValue> object(String keyword) {
        return switch (members.get(keyword)) {
            case null -> Map.of();
            case Members(var inner) -> inner;
            default -> throw problem("'%s' is an object".formatted(keyword));
        };
    }

    Optional<String> text(String keyword) {
        return switch (members.get(keyword)) {
            case null -> Optional.empty();
            case Text(String text) -> Optional.of(text);
            default -> throw problem("'%s' is a text".formatted(keyword));
        };
    }

    List<String> texts(String keyword) {
        Set<JsonValue> seen = new HashSet<>();
        return list(keyword).orElse(List.of()).stream()
                .filter(seen::add)
                .map(value -> {
                    if (value instanceof Text(String text)) {
                        return text;
                    }
                    throw problem("'%s' is a list of texts".formatted(keyword));
                })
                .toList();
    }

    Optional<BigDecimal> number(String keyword) {
        return switch (members.get(keyword)) {
            case null -> Optional.empty();
            case Numeral(String text) -> Optional.of(decimal(path, keyword, text));
            default -> throw problem("'%s' is a number".formatted(keyword));
        };
    }

    /// {@return a count of characters or elements}
    int count(String keyword, int otherwise) {
        Optional<BigDecimal> number = number(keyword);
        if (number.isEmpty()) {
            return otherwise;
        }
        BigDecimal value = number.get();
        if (value.signum() < 0
                || value.compareTo(BigDecimal.valueOf(999_999_999)) > 0
                || value.stripTrailingZeros().scale() > 0) {
            throw problem("'%s': wanted 0 to 999999999, got %s".formatted(keyword, value));
        }
        return value.intValueExact();
    }

    static BigDecimal decimal(String path, String keyword, String text) {
        if (text.length() > MOST_NUMERAL) {
            throw new GrammarException(
                    "%s: '%s': a number of %d characters, more than %d"
                            .formatted(path, keyword, text.length(), MOST_NUMERAL));
        }
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new GrammarException(
                    "%s: '%s': the number is too large".formatted(path, keyword));
        }
    }
}
