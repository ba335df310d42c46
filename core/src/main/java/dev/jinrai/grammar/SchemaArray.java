package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import java.util.List;
import java.util.Optional;

/// `items`, `prefixItems`, `minItems`, `maxItems`, `unevaluatedItems`.
record SchemaArray(JsonSchema schemas, SchemaKeywords schema) {
    Optional<Expr> expr() {
        int min = schema.count("minItems", 0);
        int max = schema.count("maxItems", Expr.UNBOUNDED);
        if (min > max) {
            return Optional.empty();
        }
        List<JsonValue> prefix = schema.list("prefixItems").orElse(List.of());
        JsonValue items = schema.others("items", "unevaluatedItems");
        if (items instanceof JsonValue.Items) {
            throw schema.problem(
                    "'items' as a list is of an old draft; 'prefixItems' is the keyword");
        }
        // What nothing satisfies ends the array before it.
        int fixed =
                Math.min(
                        max,
                        prefix.indexOf(new Flag(false)) < 0
                                ? prefix.size()
                                : prefix.indexOf(new Flag(false)));
        boolean more = fixed == prefix.size() && fixed < max && !items.equals(new Flag(false));
        if (min > fixed && !more) {
            return Optional.empty();
        }
        Expr tail = more ? rest(items, fixed, min, max) : Expr.EMPTY;
        for (int i = fixed - 1; i >= 0; i--) {
            Expr element =
                    schemas.rule(prefix.get(i), "%s/prefixItems/%d".formatted(schema.path(), i));
            Expr here =
                    i == 0
                            ? Expr.sequence(element, tail)
                            : Expr.sequence(JsonRules.COMMA, element, tail);
            tail =
                    schemas.rule(
                            "%s/prefix/%d".formatted(schema.path(), i),
                            i >= min ? Expr.optional(here) : here);
        }
        return Optional.of(JsonRules.array(tail));
    }

    /// The elements behind the first `fixed`.
    private Expr rest(JsonValue items, int fixed, int min, int max) {
        Expr element = schemas.rule(items, schema.path() + "/items");
        int least = Math.max(0, min - fixed);
        int most = max == Expr.UNBOUNDED ? max : max - fixed;
        if (fixed == 0) {
            return Expr.list(element, JsonRules.COMMA, least, most);
        }
        return new Expr.Repeat(Expr.sequence(JsonRules.COMMA, element), least, most);
    }
}
