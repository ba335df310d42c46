package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// `properties`, `required`, `additionalProperties`.
record SchemaObject(JsonSchema schemas, SchemaKeywords schema) {
    Optional<Expr> expr() {
        Map<String, JsonValue> properties = new LinkedHashMap<>(schema.object("properties"));
        Set<String> required = Set.copyOf(schema.texts("required"));
        JsonValue more = schema.members().getOrDefault("additionalProperties", new Flag(true));
        for (String name : schema.texts("required")) {
            properties.putIfAbsent(name, more);
            if (properties.get(name) instanceof Flag(boolean any) && !any) {
                return Optional.empty();
            }
        }
        Set<String> forbidden = Set.copyOf(properties.keySet());
        properties.values().removeIf(new Flag(false)::equals);
        boolean open = schema.has("additionalProperties") || properties.isEmpty();
        return Optional.of(
                JsonRules.object(
                        members(
                                properties,
                                required,
                                open && !more.equals(new Flag(false)),
                                forbidden,
                                more)));
    }

    /// Each rule is the members from one on, behind a comma; the object begins at any that the ones before may be missing for.
    private Expr members(
            Map<String, JsonValue> properties,
            Set<String> required,
            boolean open,
            Set<String> forbidden,
            JsonValue more) {
        List<String> names = List.copyOf(properties.keySet());
        List<Expr> firsts = new ArrayList<>();
        Expr rest = Expr.EMPTY;
        boolean mayBeEmpty = true;
        if (open) {
            Expr extra =
                    schemas.rule(
                            schema.path() + "/extra",
                            JsonRules.member(
                                    name(forbidden),
                                    schemas.rule(more, schema.path() + "/additionalProperties")));
            rest = new Expr.Repeat(Expr.sequence(JsonRules.COMMA, extra), 0, Expr.UNBOUNDED);
            firsts.add(Expr.sequence(extra, rest));
        }
        for (int i = names.size() - 1; i >= 0; i--) {
            String name = names.get(i);
            Expr value =
                    schemas.rule(
                            properties.getOrDefault(name, more),
                            JsonSchema.path(schema.path(), "properties", name));
            Expr member = JsonRules.member(Expr.text(JsonText.quote(name)), value);
            if (required.contains(name)) {
                firsts.clear();
                mayBeEmpty = false;
            }
            firsts.add(Expr.sequence(member, rest));
            Expr later = Expr.sequence(JsonRules.COMMA, member);
            rest =
                    schemas.rule(
                            JsonSchema.path(schema.path(), "from", name),
                            Expr.sequence(
                                    required.contains(name) ? later : Expr.optional(later), rest));
        }
        if (firsts.isEmpty()) {
            return Expr.EMPTY;
        }
        Expr first = Expr.choice(firsts.reversed());
        return mayBeEmpty ? Expr.optional(first) : first;
    }

    /// {@return a text that is none of these: plain characters, because an escape might spell one}
    private Expr name(Set<String> forbidden) {
        if (forbidden.isEmpty()) {
            return JsonRules.STRING;
        }
        return Expr.sequence(JsonRules.QUOTE, other(forbidden, schema.path() + "/name"));
    }

    /// What follows a beginning, of which these are how forbidden names go on.
    private Expr other(Set<String> forbidden, String rule) {
        Map<Integer, Set<String>> byFirst = new TreeMap<>();
        for (String name : forbidden) {
            if (!name.isEmpty()) {
                int c = name.codePointAt(0);
                byFirst.computeIfAbsent(c, _ -> new TreeSet<>())
                        .add(name.substring(Character.charCount(c)));
            }
        }
        CharSet known =
                CharSet.of(
                        byFirst.keySet().stream()
                                .flatMap(c -> Stream.of(c, c))
                                .mapToInt(Integer::intValue)
                                .toArray());
        Expr plain = new Expr.Chars(JsonRules.PLAIN);
        List<Expr> options = new ArrayList<>();
        if (!forbidden.contains("")) {
            options.add(JsonRules.QUOTE);
        }
        options.add(
                Expr.sequence(
                        new Expr.Chars(JsonRules.PLAIN.minus(known)),
                        new Expr.Repeat(plain, 0, Expr.UNBOUNDED),
                        JsonRules.QUOTE));
        byFirst.forEach((c, names) -> {
            if (JsonRules.PLAIN.contains(c)) {
                options.add(
                        Expr.sequence(
                                Expr.range(c, c), other(names, "%s/%04X".formatted(rule, c))));
            }
        });
        return schemas.rule(rule, Expr.choice(options));
    }
}
