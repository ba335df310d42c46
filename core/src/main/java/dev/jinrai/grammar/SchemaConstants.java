package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Flag;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import dev.jinrai.json.JsonValue.Null;
import dev.jinrai.json.JsonValue.Numeral;
import dev.jinrai.json.JsonValue.Text;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `enum` and `const`: those of their values that satisfy what stands beside them.
final class SchemaConstants {
    private final SchemaKeywords schema;
    private final Set<String> types;

    private SchemaConstants(SchemaKeywords schema) {
        this.schema = schema;
        this.types = schema.has("type") ? Set.copyOf(JsonSchema.types(schema)) : Set.of();
    }

    static Optional<Expr> expr(SchemaKeywords schema) {
        return new SchemaConstants(schema).expr();
    }

    private Optional<Expr> expr() {
        Optional<JsonValue> constant = Optional.ofNullable(schema.members().get("const"));
        List<Expr> options =
                schema.list("enum").orElseGet(() -> constant.stream().toList()).stream()
                        .filter(value -> constant.isEmpty() || constant.get().equals(value))
                        .filter(value -> isOfType(value) && isWithin(value))
                        .map(JsonText::of)
                        .distinct() // of texts: those of one hash are compared, values are not
                        .map(Expr::text)
                        .toList();
        return options.isEmpty() ? Optional.empty() : Optional.of(Expr.choice(options));
    }

    private boolean isOfType(JsonValue value) {
        return types.isEmpty()
                || types.contains(JsonSchema.typeOf(value))
                || (types.contains("integer")
                        && value instanceof Numeral(String text)
                        && text.matches("-?[0-9]+"));
    }

    /// A keyword says nothing of values of other types than its own.
    private boolean isWithin(JsonValue value) {
        return switch (value) {
            case Text(String text) -> isWithin(text);
            case Numeral(String text) ->
                    isWithin(SchemaKeywords.decimal(schema.path(), "enum", text));
            case Members _ -> unrestricted(SchemaKeywords.OBJECT);
            case Items _ -> unrestricted(SchemaKeywords.ARRAY);
            case Flag _, Null _ -> true;
        };
    }

    private boolean isWithin(BigDecimal value) {
        return schema.number("minimum").filter(least -> value.compareTo(least) < 0).isEmpty()
                && schema.number("maximum").filter(most -> value.compareTo(most) > 0).isEmpty()
                && schema.number("exclusiveMinimum")
                        .filter(above -> value.compareTo(above) <= 0)
                        .isEmpty()
                && schema.number("exclusiveMaximum")
                        .filter(below -> value.compareTo(below) >= 0)
                        .isEmpty();
    }

    private boolean isWithin(String text) {
        for (String keyword : List.of("pattern", "format")) {
            if (schema.has(keyword)) {
                throw cannot(keyword);
            }
        }
        int length = text.codePointCount(0, text.length());
        return length >= schema.count("minLength", 0)
                && length <= schema.count("maxLength", Expr.UNBOUNDED);
    }

    private boolean unrestricted(Set<String> keywords) {
        Map<String, JsonValue> rest = schema.members();
        for (String keyword : rest.keySet()) {
            if (keywords.contains(keyword) || SchemaKeywords.UNEVALUATED.contains(keyword)) {
                throw cannot(keyword);
            }
        }
        return true;
    }

    private GrammarException cannot(String keyword) {
        return schema.problem(
                "'%s' beside 'enum' or 'const' cannot be enforced".formatted(keyword));
    }
}
