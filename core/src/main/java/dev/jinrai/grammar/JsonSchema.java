package dev.jinrai.grammar;

import dev.jinrai.json.Json;
import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import dev.jinrai.json.JsonValue.Null;
import dev.jinrai.json.JsonValue.Numeral;
import dev.jinrai.json.JsonValue.Text;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// JSON Schema (draft 2020-12; `definitions` of older ones) to rules of JSON texts that it accepts, if not all of them.
///
/// What cannot be enforced is an error that names the keyword: a schema that holds only sometimes is worth nothing. The properties of
/// an object come in the order of the schema, as in llama.cpp, and others only if `additionalProperties` asks for them.
final class JsonSchema {
    private static final int MOST_CHARACTERS = 1 << 20;
    private static final int MOST_SCHEMAS = 20_000;
    private static final int MOST_DEPTH = 200;
    private static final int MOST_PARTS = 1_000;

    private final JsonValue document;
    private final Map<String, Expr> rules = JsonRules.all();
    private int schemas;
    private int depth;

    private JsonSchema(JsonValue document) {
        this.document = document;
    }

    static Grammar grammar(String source) {
        if (source.length() > MOST_CHARACTERS) {
            throw new GrammarException(
                    "the schema has %d characters, more than %d"
                            .formatted(source.length(), MOST_CHARACTERS));
        }
        var schema = new JsonSchema(read(source));
        SchemaIdentifiers.refuse(schema.document);
        schema.rules.put("#", schema.convert(schema.document, "#"));
        try {
            return Grammar.of(schema.rules, "#");
        } catch (RuleException e) {
            throw new GrammarException(e.ofSchema());
        }
    }

    private static JsonValue read(String source) {
        try {
            return Json.parse(source).value();
        } catch (JsonException e) {
            throw new GrammarException(String.valueOf(e.getMessage()));
        }
    }

    /// {@return a rule for a schema, called by its path}
    Expr rule(JsonValue schema, String path) {
        if (!rules.containsKey(path)) {
            rules.put(path, Expr.EMPTY); // until it is known: it may call itself
            rules.put(path, convert(schema, path));
        }
        return new Expr.Rule(path);
    }

    /// {@return the path of a part, of which no two have the same}
    static String path(String parent, String keyword, String name) {
        return "%s/%s/%s".formatted(parent, keyword, name.replace("~", "~0").replace("/", "~1"));
    }

    /// {@return a rule of this name}
    Expr rule(String name, Expr expr) {
        rules.put(name, expr);
        return new Expr.Rule(name);
    }

    private Expr convert(JsonValue schema, String path) {
        return possible(schema, path)
                .orElseThrow(() -> new GrammarException(path + ": no JSON text satisfies it"));
    }

    /// {@return none if no value satisfies it}
    private Optional<Expr> possible(JsonValue schema, String path) {
        if (++schemas > MOST_SCHEMAS || depth >= MOST_DEPTH) {
            throw new GrammarException(
                    path + ": the schema is too large, or refers to itself without end");
        }
        depth++;
        Optional<Expr> expr =
                switch (schema) {
                    case Flag(boolean any) -> any ? Optional.of(JsonRules.VALUE) : Optional.empty();
                    case Members(var members) -> of(new SchemaKeywords(members, path));
                    default ->
                            throw new GrammarException(
                                    path + ": a schema is an object or a boolean");
                };
        depth--;
        return expr;
    }

    private Optional<Expr> of(SchemaKeywords schema) {
        schema.check();
        if (schema.has("$ref")) {
            return reference(schema);
        }
        if (schema.has("allOf")) {
            return allOf(schema);
        }
        if (schema.has("anyOf") || schema.has("oneOf")) {
            return anyOf(schema, schema.has("anyOf") ? "anyOf" : "oneOf");
        }
        return schema.has("enum") || schema.has("const")
                ? SchemaConstants.expr(schema)
                : ofTypes(schema);
    }

    private Optional<Expr> reference(SchemaKeywords schema) {
        String pointer = schema.text("$ref").orElseThrow();
        JsonValue target = new SchemaReference(document, schema).resolve(pointer);
        Map<String, JsonValue> rest = schema.without(Set.of("$ref"));
        if (rest.isEmpty()) {
            // Elsewhere than in definitions a rule of the same path may be of this schema and
            // others together.
            boolean definition = pointer.matches("#/(\\$defs|definitions)/[^/]+");
            return Optional.of(
                    pointer.equals("#")
                            ? new Expr.Rule("#")
                            : rule(target, definition ? pointer : "$ref " + pointer));
        }
        return SchemaMerge.both(mergeable(target, schema), new Members(rest), schema.path())
                .flatMap(both -> possible(both, schema.path()));
    }

    private Optional<Expr> allOf(SchemaKeywords schema) {
        Optional<JsonValue> all = Optional.of(new Members(schema.without(Set.of("allOf"))));
        Set<JsonValue> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (JsonValue part : schema.list("allOf").orElseThrow()) {
            JsonValue resolved =
                    mergeable(new SchemaReference(document, schema).resolved(part), schema);
            if (!seen.add(resolved)) {
                continue;
            }
            if (seen.size() > MOST_PARTS) {
                throw schema.problem("'allOf' of more than %d schemas".formatted(MOST_PARTS));
            }
            all = all.flatMap(before -> SchemaMerge.both(before, resolved, schema.path()));
        }
        return all.flatMap(both -> possible(both, schema.path()));
    }

    /// What a schema says of properties or elements that only its neighbours leave unevaluated is no more true when it is one with them.
    private static JsonValue mergeable(JsonValue part, SchemaKeywords schema) {
        if (part instanceof Members(var members)
                && members.keySet().stream().anyMatch(SchemaKeywords.UNEVALUATED::contains)) {
            throw schema.problem(
                    "'unevaluatedProperties' and 'unevaluatedItems' inside of a schema that other"
                            + " keywords stand beside cannot be enforced");
        }
        return part;
    }

    private Optional<Expr> anyOf(SchemaKeywords schema, String keyword) {
        var base = new Members(schema.without(Set.of(keyword)));
        List<JsonValue> alternatives = schema.list(keyword).orElseThrow();
        if (keyword.equals("oneOf")) {
            new SchemaDisjoint(document, schema).check(alternatives);
        }
        List<Expr> options = new ArrayList<>();
        for (int i = 0; i < alternatives.size(); i++) {
            String path = "%s/%s/%d".formatted(schema.path(), keyword, i);
            JsonValue alternative = alternatives.get(i);
            Optional<JsonValue> both =
                    base.values().isEmpty()
                            ? Optional.of(alternative)
                            : SchemaMerge.both(
                                    base,
                                    mergeable(
                                            new SchemaReference(document, schema)
                                                    .resolved(alternative),
                                            schema),
                                    path);
            both.flatMap(one -> possible(one, path)).ifPresent(options::add);
        }
        return options.isEmpty() ? Optional.empty() : Optional.of(Expr.choice(options));
    }

    static String typeOf(JsonValue value) {
        return switch (value) {
            case Members _ -> "object";
            case Items _ -> "array";
            case Text _ -> "string";
            case Numeral _ -> "number";
            case Flag _ -> "boolean";
            case Null _ -> "null";
        };
    }

    /// {@return the types of values that it accepts; where none is named those that its keywords speak of, else all}
    static List<String> types(SchemaKeywords schema) {
        if (schema.members().get("type") instanceof Text(String one)) {
            return List.of(one);
        }
        if (schema.has("type")) {
            return schema.texts("type");
        }
        List<String> types = new ArrayList<>();
        if (schema.hasAny(SchemaKeywords.OBJECT)) {
            types.add("object");
        }
        if (schema.hasAny(SchemaKeywords.ARRAY)) {
            types.add("array");
        }
        if (schema.hasAny(SchemaKeywords.STRING)) {
            types.add("string");
        }
        if (schema.hasAny(SchemaKeywords.NUMBER)) {
            types.add("number");
        }
        return types.isEmpty()
                ? List.of("object", "array", "string", "number", "boolean", "null")
                : types;
    }

    private Optional<Expr> ofTypes(SchemaKeywords schema) {
        if (schema.without(Set.of()).isEmpty()) {
            return Optional.of(JsonRules.VALUE);
        }
        List<Expr> options = new ArrayList<>();
        for (String type : types(schema)) {
            ofType(type, schema).ifPresent(options::add);
        }
        return options.isEmpty() ? Optional.empty() : Optional.of(Expr.choice(options));
    }

    private Optional<Expr> ofType(String type, SchemaKeywords schema) {
        return switch (type) {
            case "object" -> new SchemaObject(this, schema).expr();
            case "array" -> new SchemaArray(this, schema).expr();
            case "string" -> SchemaString.expr(schema);
            case "number", "integer" -> number(type, schema);
            case "boolean" -> Optional.of(JsonRules.BOOLEAN);
            case "null" -> Optional.of(JsonRules.NULL);
            default -> throw schema.problem("there is no type '%s'".formatted(type));
        };
    }

    private static Optional<Expr> number(String type, SchemaKeywords schema) {
        boolean integer = type.equals("integer");
        if (!schema.hasAny(SchemaKeywords.NUMBER)) {
            return Optional.of(integer ? JsonRules.INTEGER : JsonRules.NUMBER);
        }
        var least = schema.number("minimum");
        var above = schema.number("exclusiveMinimum");
        var most = schema.number("maximum");
        var below = schema.number("exclusiveMaximum");
        try {
            return integer
                    ? NumberRange.integers(least, above, most, below)
                    : NumberRange.numbers(least, above, most, below);
        } catch (GrammarException e) {
            throw schema.problem(String.valueOf(e.getMessage()));
        }
    }
}
