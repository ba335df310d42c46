package dev.jinrai.json;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a JSON document: objects as maps in their order, arrays as lists, numbers as `Long`,
/// `BigInteger` or `Double`. Of equal keys the last counts.
///
/// Strict (RFC 8259), and no deeper than [JsonScanner#MAX_DEPTH].
public final class Json {
    /// To read a number takes the square of its length.
    private static final int MAX_DIGITS = 1000;

    private final String text;
    private int at;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /// {@return the value that is the whole of `text`}
    ///
    /// @throws JsonException if it is not JSON
    public static @Nullable Object read(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.space();
        if (json.at < text.length()) {
            throw json.problem("more text than one value");
        }
        return value;
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

    private JsonException problem(String what) {
        return new JsonException(what, at);
    }

    private void space() {
        while (at < text.length() && JsonScanner.isSpace(text.charAt(at))) {
            at++;
        }
    }

    /// {@return the next character that is no white space}
    private char peek() {
        space();
        if (at == text.length()) {
            throw problem("the text ends inside a value");
        }
        return text.charAt(at);
    }

    private void expect(char c) {
        if (peek() != c) {
            throw problem("wanted '%s'".formatted(c));
        }
        at++;
    }

    private @Nullable Object value() {
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", null);
            default -> number();
        };
    }

    private void enter() {
        at++;
        if (++depth > JsonScanner.MAX_DEPTH) {
            throw problem("nested deeper than " + JsonScanner.MAX_DEPTH);
        }
    }

    private Map<String, @Nullable Object> object() {
        enter();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        if (peek() != '}') {
            do {
                if (peek() != '"') {
                    throw problem("wanted a key");
                }
                String key = string();
                expect(':');
                map.put(key, value());
            } while (comma());
        }
        expect('}');
        depth--;
        return map;
    }

    private List<@Nullable Object> array() {
        enter();
        List<@Nullable Object> list = new ArrayList<>();
        if (peek() != ']') {
            do {
                list.add(value());
            } while (comma());
        }
        expect(']');
        depth--;
        return list;
    }

    private boolean comma() {
        boolean more = peek() == ',';
        if (more) {
            at++;
        }
        return more;
    }

    private @Nullable Object literal(String word, @Nullable Object value) {
        if (!text.startsWith(word, at)) {
            throw problem("wanted a value");
        }
        at += word.length();
        return value;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        at++;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                at--;
                throw problem("a control character in a string");
            }
            out.append(c == '\\' ? escaped() : c);
        }
        throw problem("the text ends inside a string");
    }

    private char escaped() {
        if (at == text.length()) {
            throw problem("the text ends inside a string");
        }
        char c = text.charAt(at++);
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unicode();
            default -> throw problem("an unknown escape");
        };
    }

    private char unicode() {
        int value = 0;
        for (int i = 0; i < 4; i++, at++) {
            int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0 || text.charAt(at) > '~') {
                throw problem("wanted four hexadecimal digits");
            }
            value = value << 4 | digit;
        }
        return (char) value;
    }

    private Number number() {
        int start = at;
        if (text.charAt(at) == '-') {
            at++;
        }
        int whole = at;
        digits();
        if (text.charAt(whole) == '0' && at > whole + 1) {
            at = whole;
            throw problem("a number with a leading zero");
        }
        boolean real = false;
        if (at < text.length() && text.charAt(at) == '.') {
            real = true;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) | ' ') == 'e') {
            real = true;
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            digits();
        }
        return number(text.substring(start, at), real);
    }

    private Number number(String digits, boolean real) {
        if (digits.length() > MAX_DIGITS) {
            throw problem("a number of more than %d characters".formatted(MAX_DIGITS));
        }
        if (real) {
            return Double.valueOf(digits);
        }
        return digits.length() < 19 ? (Number) Long.valueOf(digits) : integer(digits);
    }

    private static Number integer(String digits) {
        BigInteger value = new BigInteger(digits);
        return value.bitLength() < Long.SIZE ? (Number) value.longValueExact() : value;
    }

    private void digits() {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw problem("wanted a value");
        }
    }
}
