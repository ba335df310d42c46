package dev.jinrai.grammar;

import dev.jinrai.json.JsonValue;
import dev.jinrai.json.JsonValue.Items;
import dev.jinrai.json.JsonValue.Members;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// What a `$ref` points to: a JSON pointer (RFC 6901) into the same document.
///
/// @param at where the reference stands
record SchemaReference(JsonValue document, SchemaKeywords at) {
    private static final int MOST_STEPS = 50;

    JsonValue resolve(String reference) {
        if (!reference.equals("#") && !reference.startsWith("#/")) {
            throw at.problem(
                    "'$ref': only places in the same document can be named, such as #/$defs/x; got '%s'"
                            .formatted(reference));
        }
        JsonValue target = document;
        String[] steps = reference.split("/", -1);
        for (int i = 1; i < steps.length; i++) {
            target = child(target, unescaped(steps[i], reference), reference);
        }
        return target;
    }

    private String unescaped(String step, String reference) {
        try {
            String text = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8);
            return text.replace("~1", "/").replace("~0", "~");
        } catch (IllegalArgumentException e) {
            throw at.problem("'$ref': no place in a document: '%s'".formatted(reference));
        }
    }

    private JsonValue child(JsonValue parent, String name, String reference) {
        JsonValue member = parent instanceof Members(var members) ? members.get(name) : null;
        if (member != null) {
            return member;
        }
        if (parent instanceof Items(var elements)
                && name.matches("[0-9]{1,6}")
                && Integer.parseInt(name) < elements.size()) {
            return elements.get(Integer.parseInt(name));
        }
        throw at.problem("'$ref': there is no '%s' in the document".formatted(reference));
    }

    /// {@return a schema, or where it is no more than a reference what that points to}
    JsonValue resolved(JsonValue schema) {
        JsonValue target = schema;
        for (int i = 0; i < MOST_STEPS; i++) {
            if (!(target instanceof Members(var members)) || !members.containsKey("$ref")) {
                return target;
            }
            var keywords = new SchemaKeywords(members, at.path());
            if (!keywords.without(Set.of("$ref")).isEmpty()) {
                throw at.problem(
                        "'$ref' beside other keywords, inside of them, cannot be enforced");
            }
            target = resolve(keywords.text("$ref").orElseThrow());
        }
        throw at.problem("'$ref': it refers to itself without end");
    }
}
