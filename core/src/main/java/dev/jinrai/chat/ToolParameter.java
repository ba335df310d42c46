package dev.jinrai.chat;

import dev.jinrai.json.JsonText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a function's JSON Schema says of a parameter's values: what tells, where a model writes them without quotes, whether `5` is a
/// number or a text. Immutable.
///
/// It looks at `type`, `enum`, `const`, `anyOf`, `oneOf`, `allOf` and `$ref` within the function's parameters. A schema may allow both; then it
/// is a text, as for llama.cpp, but for `null`.
public final class ToolParameter {
    /// References inside each other: they may go in a circle.
    private static final int MOST_DEPTH = 32;

    private static final int MOST_STEPS = 1_000;

    private enum Says {
        YES,
        NO,
        NOTHING
    }

    private final Map<?, ?> root;
    private final @Nullable Object schema;

    /// @param root the schema of all parameters, which references are relative to
    /// @param schema of this parameter; null where there is none
    ToolParameter(Map<?, ?> root, @Nullable Object schema) {
        this.root = root;
        this.schema = schema;
    }

    /// {@return whether every value is a text, so that a text can be passed on before it is whole}
    public boolean isText() {
        return schema instanceof Map<?, ?> map
                && "string".equals(map.get("type"))
                && !map.containsKey("enum")
                && !map.containsKey("const");
    }

    /// {@return a value, which a model wrote without quotes, as JSON}
    ///
    /// @param literal the JSON that it looks like, if it does: it is that where the schema says nothing
    public String json(String value, Optional<String> literal) {
        String text = JsonText.quote(value);
        if (literal.isEmpty()) {
            return text;
        }
        Object other = JsonText.read(literal.get());
        boolean isNull = other == null && new Reading(null, value).says(schema, 0) == Says.YES;
        return !isNull && new Reading(value, other).says(schema, 0) == Says.YES
                ? text
                : literal.get();
    }

    /// What schemas say of one of two values that the same characters may be: of a text, or of `null`.
    private final class Reading {
        private final @Nullable String value;
        private final @Nullable Object other;
        private int steps;

        Reading(@Nullable String value, @Nullable Object other) {
            this.value = value;
            this.other = other;
        }

        Says says(@Nullable Object of, int depth) {
            if (of instanceof Boolean any) {
                return any ? Says.NOTHING : Says.NO;
            }
            if (!(of instanceof Map<?, ?> map) || depth > MOST_DEPTH || ++steps > MOST_STEPS) {
                return Says.NOTHING;
            }
            List<Says> all = new ArrayList<>();
            switch (map.get("type")) {
                case String type -> all.add(isOf(type));
                case List<?> types -> all.add(any(types.stream().map(type -> isOf(type)).toList()));
                case null, default -> {}
            }
            if (map.get("enum") instanceof List<?> values) {
                all.add(isAmong(values));
            }
            if (map.containsKey("const")) {
                all.add(isAmong(Collections.singletonList(map.get("const"))));
            }
            for (String keyword : List.of("anyOf", "oneOf")) {
                if (map.get(keyword) instanceof List<?> schemas) {
                    all.add(any(schemas.stream().map(one -> says(one, depth + 1)).toList()));
                }
            }
            if (map.get("allOf") instanceof List<?> schemas) {
                schemas.forEach(one -> all.add(says(one, depth + 1)));
            }
            if (map.get("$ref") instanceof String reference) {
                all.add(says(target(reference), depth + 1));
            }
            return all.contains(Says.NO)
                    ? Says.NO
                    : all.contains(Says.YES) ? Says.YES : Says.NOTHING;
        }

        private Says isOf(@Nullable Object type) {
            return (value == null ? "null" : "string").equals(type) ? Says.YES : Says.NO;
        }

        /// Where neither value is there, the model made one up, and the type may still tell which.
        private Says isAmong(List<?> values) {
            return values.stream().anyMatch(one -> same(one, value))
                    ? Says.YES
                    : values.stream().anyMatch(one -> same(one, other)) ? Says.NO : Says.NOTHING;
        }
    }

    private static Says any(List<Says> some) {
        return some.contains(Says.YES)
                ? Says.YES
                : some.contains(Says.NOTHING) ? Says.NOTHING : Says.NO;
    }

    private static boolean same(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Number one && b instanceof Number other) {
            return one.doubleValue() == other.doubleValue();
        }
        return a == null ? b == null : a.equals(b);
    }

    /// {@return what a JSON pointer leads to; null if nothing}
    private @Nullable Object target(String reference) {
        Object at = reference.startsWith("#") ? root : null;
        String[] steps = reference.split("/", -1);
        for (int i = 1; i < steps.length; i++) {
            String step = steps[i].replace("~1", "/").replace("~0", "~");
            at = at instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return at;
    }
}
