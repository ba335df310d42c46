package dev.jinrai.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON text to Java's own values and back, for what is passed on to templates: objects as maps in
/// their order, arrays as lists, numbers as `Long`, `BigInteger` or `Double`.
public final class JsonText {
    /// To read a whole number takes the square of its length.
    private static final int MAX_DIGITS = 1000;

    private JsonText() {}

    /// {@return the value that is the whole of `text`}
    ///
    /// @throws JsonException if it is not JSON
    public static @Nullable Object read(String text) {
        return plain(Json.parse(text).value());
    }

    private static @Nullable Object plain(JsonValue value) {
        return switch (value) {
            case JsonValue.Null _ -> null;
            case JsonValue.Flag flag -> flag.value();
            case JsonValue.Text text -> text.value();
            case JsonValue.Numeral number -> number(number);
            case JsonValue.Items items -> {
                List<@Nullable Object> list = new ArrayList<>();
                items.values().forEach(item -> list.add(plain(item)));
                yield list;
            }
            case JsonValue.Members members -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                members.values().forEach((key, member) -> map.put(key, plain(member)));
                yield map;
            }
        };
    }

    private static Number number(JsonValue.Numeral number) {
        String digits = number.literal();
        if (digits.chars().anyMatch(c -> c == '.' || c == 'e' || c == 'E')) {
            return number.real();
        }
        if (digits.length() > MAX_DIGITS) {
            throw new JsonException("a number of more than %d characters".formatted(MAX_DIGITS));
        }
        BigInteger value = new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Number) value.longValueExact() : value;
    }

    /// {@return the text as a JSON string, in its quotes; what is not ASCII stays as it is}
    public static String quote(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        escape(text, out);
        return out.append('"').toString();
    }

    /// Appends what stands for a text between the quotes of a JSON string.
    public static void escape(CharSequence text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ') {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
    }
}
