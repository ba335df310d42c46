package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Whether no value satisfies two of a `oneOf`: then it is an `anyOf`. It is certain where they accept other types, other constants, or
/// objects that have other constants in the same required property.
///
/// @param schema that has the keyword
record SchemaDisjoint(JsonValue document, SchemaKeywords schema) {
    /// Each is compared with each.
    private static final int MOST_ALTERNATIVES = 500;

    void check(List<JsonValue> alternatives) {
        List<JsonValue> resolved =
                alternatives.stream().map(new SchemaReference(document, schema)::resolved).toList();
        if (areConstants(resolved)) {
            return;
        }
        if (resolved.size() > MOST_ALTERNATIVES) {
            throw schema.problem(
                    "'oneOf' of more than %d alternatives that are not all constants cannot be enforced; 'anyOf' takes it"
                            .formatted(MOST_ALTERNATIVES));
        }
        for (int i = 0; i < resolved.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!disjoint(resolved.get(j), resolved.get(i))) {
                    throw overlap(j, i);
                }
            }
        }
    }

    private GrammarException overlap(int one, int other) {
        return schema.problem(
                "'oneOf' cannot be enforced: a value may satisfy alternatives %d and %d; 'anyOf' takes it"
                        .formatted(one, other));
    }

    /// {@return whether all of them are constants; then no two are the same}
    private boolean areConstants(List<JsonValue> alternatives) {
        Map<JsonValue, Integer> seen = new HashMap<>();
        for (int i = 0; i < alternatives.size(); i++) {
            Optional<Set<JsonValue>> values = constantsOf(alternatives.get(i));
            if (values.isEmpty()) {
                return false;
            }
            for (JsonValue value : values.get()) {
                Integer before = seen.putIfAbsent(value, i);
                if (before != null) {
                    throw overlap(before, i);
                }
            }
        }
        return true;
    }

    private boolean disjoint(JsonValue a, JsonValue b) {
        if (!(a instanceof Members(var first)) || !(b instanceof Members(var second))) {
            return false;
        }
        var one = new SchemaKeywords(first, schema.path());
        var other = new SchemaKeywords(second, schema.path());
        Optional<Set<JsonValue>> values = constants(one);
        Optional<Set<JsonValue>> otherValues = constants(other);
        if (values.isPresent() && otherValues.isPresent()) {
            return !intersect(values.get(), otherValues.get());
        }
        if (named(one) && named(other) && !intersect(types(one), types(other))) {
            return true;
        }
        return types(one).equals(Set.of("object")) && named(one) && discriminated(one, other);
    }

    private static boolean named(SchemaKeywords keywords) {
        return keywords.has("type") || constants(keywords).isPresent();
    }

    private static Set<String> types(SchemaKeywords keywords) {
        Set<String> types = new HashSet<>();
        if (keywords.has("type")) {
            types.addAll(JsonSchema.types(keywords));
        } else {
            constants(keywords).ifPresent(all -> all.forEach(v -> types.add(JsonSchema.typeOf(v))));
        }
        if (types.contains("integer")) {
            types.add("number");
        }
        return types;
    }

    private boolean discriminated(SchemaKeywords a, SchemaKeywords b) {
        Map<String, JsonValue> properties = a.object("properties");
        Map<String, JsonValue> others = b.object("properties");
        return a.texts("required").stream()
                .filter(b.texts("required")::contains)
                .filter(properties::containsKey)
                .filter(others::containsKey)
                .anyMatch(name -> {
                    Optional<Set<JsonValue>> one = constantsOf(properties.get(name));
                    Optional<Set<JsonValue>> other = constantsOf(others.get(name));
                    return one.isPresent()
                            && other.isPresent()
                            && !intersect(one.get(), other.get());
                });
    }

    private Optional<Set<JsonValue>> constantsOf(@Nullable JsonValue property) {
        return property instanceof Members(var members)
                ? constants(new SchemaKeywords(members, schema.path()))
                : Optional.empty();
    }

    private static Optional<Set<JsonValue>> constants(SchemaKeywords keywords) {
        JsonValue constant = keywords.members().get("const");
        if (constant != null) {
            return Optional.of(Set.of(comparable(constant)));
        }
        return keywords.members().get("enum") instanceof Items(var values)
                ? Optional.of(
                        values.stream()
                                .map(SchemaDisjoint::comparable)
                                .collect(Collectors.toUnmodifiableSet()))
                : Optional.empty();
    }

    /// {@return the same value with numbers as a reader of doubles has them: written otherwise they may be equal}
    private static JsonValue comparable(JsonValue value) {
        return switch (value) {
            case JsonValue.Numeral number ->
                    new JsonValue.Numeral(Double.toString(number.real() + 0.0)); // no -0.0
            case Items(var values) ->
                    new Items(values.stream().map(SchemaDisjoint::comparable).toList());
            case Members(var members) -> {
                Map<String, JsonValue> comparable = new HashMap<>();
                members.forEach((name, inner) -> comparable.put(name, comparable(inner)));
                yield new Members(comparable);
            }
            case JsonValue.Text _, JsonValue.Flag _, JsonValue.Null _ -> value;
        };
    }

    private static <T> boolean intersect(Set<T> a, Set<T> b) {
        return a.stream().anyMatch(b::contains);
    }
}
