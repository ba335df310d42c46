package dev.jinrai.tokenizer.pipeline;

import dev.jinrai.json.JsonException;
import dev.jinrai.json.JsonNode;

/// What a file asks for and this build does not do.
final class Unsupported {
    private Unsupported() {}

    static JsonException type(JsonNode node, String what, String type, String known) {
        return node.wrong("%s %s is not supported (known: %s)".formatted(what, quote(type), known));
    }

    /// {@return a text of the file, fit for one line}
    static String quote(String text) {
        StringBuilder out = new StringBuilder("'");
        text.codePoints()
                .limit(80)
                .forEach(c -> {
                    if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                        out.append("\\u{%X}".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return out.append(text.codePointCount(0, text.length()) > 80 ? "…'" : "'").toString();
    }
}
