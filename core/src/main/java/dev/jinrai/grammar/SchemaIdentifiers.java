package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import dev.jinrai.json.JsonValue.Text;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds an `$id` below the root: references within that schema would be relative to it (JSON Schema Core 2020-12, 8.2.1), and here all
/// are relative to the document.
final class SchemaIdentifiers {
    /// What they hold is no schema.
    private static final Set<String> DATA =
            Set.of("const", "enum", "default", "example", "examples", "required");

    /// What they hold is named schemas.
    private static final Set<String> NAMED =
            Set.of("properties", "patternProperties", "dependentSchemas", "$defs", "definitions");

    private SchemaIdentifiers() {}

    /// @throws GrammarException if there is one; it is named
    static void refuse(JsonValue document) {
        schema(document, "#");
    }

    private static void schema(JsonValue value, String path) {
        switch (value) {
            case Members(Map<String, JsonValue> members) -> {
                if (members.get("$id") instanceof Text(String id) && !path.equals("#")) {
                    throw new GrammarException(
                            "%s: '$id' below the root cannot be enforced: '%s'"
                                    .formatted(path, id));
                }
                members.forEach((keyword, inner) -> {
                    if (NAMED.contains(keyword) && inner instanceof Members(var named)) {
                        named.forEach(
                                (name, one) -> schema(one, JsonSchema.path(path, keyword, name)));
                    } else if (!DATA.contains(keyword) && !keyword.startsWith("x-")) {
                        schema(inner, path + "/" + keyword);
                    }
                });
            }
            case Items(List<JsonValue> items) -> {
                for (int i = 0; i < items.size(); i++) {
                    schema(items.get(i), path + "/" + i);
                }
            }
            default -> {} // holds no other
        }
    }
}
