package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import dev.jinrai.json.JsonValue.Numeral;
import dev.jinrai.json.JsonValue.Text;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One schema of two that both have to hold, keyword by keyword.
final class SchemaMerge {
    private static final int MOST_DEPTH = 50;

    private final String path;
    private int depth;

    private SchemaMerge(String path) {
        this.path = path;
    }

    /// {@return both; none if nothing is left that they accept}
    ///
    /// @throws GrammarException if they cannot be written as one
    static Optional<JsonValue> both(JsonValue a, JsonValue b, String path) {
        return new SchemaMerge(path).merge(a, b);
    }

    private Optional<JsonValue> merge(JsonValue a, JsonValue b) {
        if (++depth > MOST_DEPTH) {
            throw new GrammarException(path + ": schemas that refer to each other without end");
        }
        Optional<JsonValue> merged;
        if (a instanceof Flag(boolean any)) {
            merged = any ? Optional.of(b) : Optional.empty();
        } else if (b instanceof Flag(boolean any)) {
            merged = any ? Optional.of(a) : Optional.empty();
        } else if (a instanceof Members(var first) && b instanceof Members(var second)) {
            merged = members(first, second).map(Members::new);
        } else {
            throw new GrammarException(path + ": a schema is an object or a boolean");
        }
        depth--;
        return merged;
    }

    private Optional<Map<String, JsonValue>> members(
            Map<String, JsonValue> a, Map<String, JsonValue> b) {
        if (depth > 1) {
            evaluated(a);
            evaluated(b);
        }
        closed(a, b);
        closed(b, a);
        shifted(a, b);
        shifted(b, a);
        Map<String, JsonValue> both = new LinkedHashMap<>(a);
        for (Map.Entry<String, JsonValue> entry : b.entrySet()) {
            String keyword = entry.getKey();
            JsonValue before = both.get(keyword);
            if (before == null
                    || before.equals(entry.getValue())
                    || SchemaKeywords.isAnnotation(keyword)) {
                both.put(keyword, entry.getValue());
                continue;
            }
            Optional<JsonValue> merged = keyword(keyword, before, entry.getValue());
            if (merged.isEmpty()) {
                return Optional.empty();
            }
            both.put(keyword, merged.get());
        }
        return Optional.of(both);
    }

    /// What is unevaluated in one of two, is perhaps not in both.
    private void evaluated(Map<String, JsonValue> schema) {
        for (String keyword : SchemaKeywords.UNEVALUATED) {
            if (schema.containsKey(keyword)) {
                throw new GrammarException(
                        "%s: '%s' beside another schema of the same value cannot be enforced"
                                .formatted(path, keyword));
            }
        }
    }

    /// What `additionalProperties` forbids or asks beside its own `properties`, it does not beside another schema's.
    private void closed(Map<String, JsonValue> a, Map<String, JsonValue> b) {
        JsonValue more = a.getOrDefault("additionalProperties", new Flag(true));
        if (more.equals(new Flag(true))) {
            return;
        }
        Set<String> others = new LinkedHashSet<>(names(b));
        others.removeAll(names(a));
        if (!others.isEmpty()
                || (b.containsKey("additionalProperties")
                        && !b.get("additionalProperties").equals(more))) {
            throw new GrammarException(
                    path
                            + ": 'additionalProperties' beside another schema's 'properties' cannot"
                            + " be enforced");
        }
    }

    /// `items` speaks of what is behind its own `prefixItems`, of all where there are none.
    private void shifted(Map<String, JsonValue> a, Map<String, JsonValue> b) {
        if (a.containsKey("items")
                && !a.containsKey("prefixItems")
                && b.containsKey("prefixItems")) {
            throw new GrammarException(
                    path + ": 'items' beside another schema's 'prefixItems' cannot be enforced");
        }
    }

    private static Set<String> names(Map<String, JsonValue> schema) {
        return schema.get("properties") instanceof Members(var members)
                ? members.keySet()
                : Set.of();
    }

    private Optional<JsonValue> keyword(String keyword, JsonValue a, JsonValue b) {
        return switch (keyword) {
            case "properties" -> properties(a, b);
            case "required" -> Optional.of(union(list(keyword, a), list(keyword, b)));
            case "type" -> types(list(keyword, a), list(keyword, b));
            case "enum" -> common(list(keyword, a), list(keyword, b));
            case "const" -> Optional.empty(); // two that differ
            case "items" -> merge(a, b);
            case "minimum", "exclusiveMinimum", "minLength", "minItems" ->
                    Optional.of(number(keyword, a).compareTo(number(keyword, b)) >= 0 ? a : b);
            case "maximum", "exclusiveMaximum", "maxLength", "maxItems" ->
                    Optional.of(number(keyword, a).compareTo(number(keyword, b)) <= 0 ? a : b);
            case "allOf" -> Optional.of(union(list(keyword, a), list(keyword, b)));
            default ->
                    throw new GrammarException(
                            "%s: two different '%s' that both have to hold cannot be enforced"
                                    .formatted(path, keyword));
        };
    }

    private Optional<JsonValue> properties(JsonValue a, JsonValue b) {
        if (!(a instanceof Members(var first)) || !(b instanceof Members(var second))) {
            throw new GrammarException(path + ": 'properties' is an object");
        }
        Map<String, JsonValue> both = new LinkedHashMap<>(first);
        for (Map.Entry<String, JsonValue> entry : second.entrySet()) {
            JsonValue before = both.get(entry.getKey());
            Optional<JsonValue> merged =
                    before == null
                            ? Optional.of(entry.getValue())
                            : merge(before, entry.getValue());
            both.put(entry.getKey(), merged.orElse(new Flag(false)));
        }
        return Optional.of(new Members(both));
    }

    private static Optional<JsonValue> types(List<JsonValue> a, List<JsonValue> b) {
        List<JsonValue> both = new ArrayList<>();
        for (JsonValue type : a) {
            if (b.contains(type)) {
                both.add(type);
            } else if (type.equals(new Text("integer")) && b.contains(new Text("number"))) {
                both.add(type);
            } else if (type.equals(new Text("number")) && b.contains(new Text("integer"))) {
                both.add(new Text("integer"));
            }
        }
        return both.isEmpty() ? Optional.empty() : Optional.of(new Items(both));
    }

    private static Optional<JsonValue> common(List<JsonValue> a, List<JsonValue> b) {
        List<JsonValue> both = a.stream().filter(b::contains).toList();
        return both.isEmpty() ? Optional.empty() : Optional.of(new Items(both));
    }

    private static JsonValue union(List<JsonValue> a, List<JsonValue> b) {
        Set<JsonValue> both = new LinkedHashSet<>(a);
        both.addAll(b);
        return new Items(List.copyOf(both));
    }

    private List<JsonValue> list(String keyword, JsonValue value) {
        if (value instanceof Items(var elements)) {
            return elements;
        }
        if (value instanceof Text && keyword.equals("type")) {
            return List.of(value);
        }
        throw new GrammarException("%s: '%s' is a list".formatted(path, keyword));
    }

    private BigDecimal number(String keyword, JsonValue value) {
        if (value instanceof Numeral(String text)) {
            return SchemaKeywords.decimal(path, keyword, text);
        }
        throw new GrammarException("%s: '%s' is a number".formatted(path, keyword));
    }
}
