package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/// `properties`, `required`, `additionalProperties`, `unevaluatedProperties`.
record SchemaObject(JsonSchema schemas, SchemaKeywords schema) {
    /// Of names that others must differ from.
    private static final int MOST_CHARACTERS = 20_000;

    Optional<Expr> expr() {
        Map<String, JsonValue> properties = new LinkedHashMap<>(schema.object("properties"));
        Set<String> required = Set.copyOf(schema.texts("required"));
        JsonValue more = schema.others("additionalProperties", "unevaluatedProperties");
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
        long characters = forbidden.stream().mapToLong(String::length).sum();
        if (characters > MOST_CHARACTERS) {
            throw schema.problem(
                    "'properties' have names of %d characters, more than %d, beside others"
                            .formatted(characters, MOST_CHARACTERS));
        }
        return Expr.sequence(JsonRules.QUOTE, others(forbidden));
    }

    /// Forbidden names with the same beginning.
    ///
    /// @param from where they go on
    private record Beginning(Set<String> names, int from, String rule) {}

    /// {@return what is none of some names, and the quote behind it; a rule for each of their beginnings}
    private Expr others(Set<String> forbidden) {
        Deque<Beginning> work = new ArrayDeque<>();
        var whole = new Beginning(forbidden, 0, schema.path() + "/name");
        work.add(whole);
        int rules = 0;
        while (!work.isEmpty()) {
            Beginning beginning = work.remove();
            Map<Integer, Set<String>> byNext = new TreeMap<>();
            boolean ends = false;
            for (String name : beginning.names) {
                if (name.length() == beginning.from) {
                    ends = true;
                } else {
                    int c = name.codePointAt(beginning.from);
                    byNext.computeIfAbsent(c, _ -> new TreeSet<>()).add(name);
                }
            }
            List<Expr> options = new ArrayList<>();
            if (!ends) {
                options.add(JsonRules.QUOTE);
            }
            options.add(
                    Expr.sequence(
                            new Expr.Chars(JsonRules.PLAIN.minus(characters(byNext.keySet()))),
                            new Expr.Repeat(new Expr.Chars(JsonRules.PLAIN), 0, Expr.UNBOUNDED),
                            JsonRules.QUOTE));
            for (Map.Entry<Integer, Set<String>> next : byNext.entrySet()) {
                int c = next.getKey();
                if (JsonRules.PLAIN.contains(c)) {
                    String rule = "%s/%d".formatted(whole.rule, ++rules);
                    int from = beginning.from + Character.charCount(c);
                    work.add(new Beginning(next.getValue(), from, rule));
                    options.add(Expr.sequence(Expr.range(c, c), new Expr.Rule(rule)));
                }
            }
            schemas.rule(beginning.rule, Expr.choice(options));
        }
        return new Expr.Rule(whole.rule);
    }

    private static CharSet characters(Set<Integer> some) {
        return CharSet.of(
                some.stream().flatMap(c -> Stream.of(c, c)).mapToInt(Integer::intValue).toArray());
    }
}
