package dev.jinrai.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// One pass over one document, by recursive descent; depth is bounded, so the stack is.
final class JsonReader {
    /// How deep arrays and objects lie in each other at most.
    static final int DEEPEST = 128;

    private static final int SHOWN = 80; // characters of a key that a message shows

    private final String text;
    private final boolean asPython;
    private final int most;
    private int at;
    private int depth;
    private int values;

    JsonReader(String text) {
        this(text, false, Integer.MAX_VALUE);
    }

    /// @param asPython whether keys may stand twice and numbers may be `NaN` or infinite
    JsonReader(String text, boolean asPython) {
        this(text, asPython, Integer.MAX_VALUE);
    }

    /// @param most values in the document, arrays and objects included
    JsonReader(String text, int most) {
        this(text, false, most);
    }

    private JsonReader(String text, boolean asPython, int most) {
        this.text = text;
        this.asPython = asPython;
        this.most = most;
    }

    JsonValue document() {
        JsonValue value = value();
        space();
        if (at < text.length()) {
            throw wanted("the end");
        }
        return value;
    }

    private JsonValue value() {
        space();
        if (++values > most) {
            throw wrong("more than %d values".formatted(most));
        }
        return switch (peek()) {
            case '{' -> members();
            case '[' -> items();
            case '"' -> new JsonValue.Text(string());
            case 't' -> word("true", new JsonValue.Flag(true));
            case 'f' -> word("false", new JsonValue.Flag(false));
            case 'n' -> word("null", new JsonValue.Null());
            case 'N', 'I' -> odd("");
            case '-' -> odd("-");
            case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw wanted("a value");
        };
    }

    private JsonValue members() {
        enter();
        Map<String, JsonValue> values = new LinkedHashMap<>();
        if (!empty('}')) {
            do {
                space();
                if (peek() != '"') {
                    throw wanted("a key");
                }
                int start = at;
                String key = string();
                space();
                expect(':');
                if (values.put(key, value()) != null && !asPython) {
                    at = start;
                    throw wrong("key '%s' stands twice".formatted(shown(key)));
                }
            } while (more('}'));
        }
        depth--;
        return new JsonValue.Members(Collections.unmodifiableMap(values));
    }

    private JsonValue items() {
        enter();
        List<JsonValue> values = new ArrayList<>();
        if (!empty(']')) {
            do {
                values.add(value());
            } while (more(']'));
        }
        depth--;
        return new JsonValue.Items(Collections.unmodifiableList(values));
    }

    private void enter() {
        if (++depth > DEEPEST) {
            throw wrong("lies in more than %d arrays and objects".formatted(DEEPEST));
        }
        at++;
    }

    private boolean empty(char close) {
        space();
        boolean empty = peek() == close;
        if (empty) {
            at++;
        }
        return empty;
    }

    /// {@return whether a comma follows; otherwise it is the end}
    private boolean more(char close) {
        space();
        int c = peek();
        if (c != ',' && c != close) {
            throw wanted("',' or '%c'".formatted(close));
        }
        at++;
        return c == ',';
    }

    private void expect(char c) {
        if (peek() != c) {
            throw wanted("'%c'".formatted(c));
        }
        at++;
    }

    private JsonValue word(String word, JsonValue value) {
        if (!text.startsWith(word, at)) {
            throw wanted("a value");
        }
        at += word.length();
        return value;
    }

    /// What Python writes for numbers that are none.
    private JsonValue odd(String sign) {
        for (String word : new String[] {"NaN", "Infinity"}) {
            if (asPython && text.startsWith(sign + word, at) && !(sign + word).equals("-NaN")) {
                at += sign.length() + word.length();
                return new JsonValue.Numeral(sign + word);
            }
        }
        if (sign.isEmpty()) {
            throw wanted("a value");
        }
        return number();
    }

    private JsonValue number() {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++; // alone: 01 is no number
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        return new JsonValue.Numeral(text.substring(start, at));
    }

    private void digits() {
        if (!isDigit(peek())) {
            throw wanted("a digit");
        }
        while (isDigit(peek())) {
            at++;
        }
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private String string() {
        int start = ++at;
        for (int c = peek(); c != '\\'; c = peek()) {
            if (c == '"') {
                return text.substring(start, at++);
            }
            plain(c);
        }
        StringBuilder string = new StringBuilder().append(text, start, at);
        for (int c = peek(); c != '"'; c = peek()) {
            if (c == '\\') {
                at++;
                string.append(escape());
            } else {
                plain(c);
                string.append((char) c);
            }
        }
        at++;
        return string.toString();
    }

    /// Passes a character that stands for itself.
    private void plain(int c) {
        if (c < ' ') {
            throw wanted(c < 0 ? "'\"' at the end of a string" : "an escape in a string");
        }
        at++;
    }

    private String escape() {
        int c = peek();
        at++;
        return switch (c) {
            case '"', '\\', '/' -> Character.toString(c);
            case 'b' -> "\b";
            case 'f' -> "\f";
            case 'n' -> "\n";
            case 'r' -> "\r";
            case 't' -> "\t";
            case 'u' -> unicode();
            default -> {
                at -= 2;
                throw wrong("this escape is none of JSON");
            }
        };
    }

    private String unicode() {
        int start = at - 2;
        char first = unit();
        if (!Character.isSurrogate(first)) {
            return Character.toString(first);
        }
        if (Character.isHighSurrogate(first) && text.startsWith("\\u", at)) {
            at += 2;
            char second = unit();
            if (Character.isLowSurrogate(second)) {
                return Character.toString(Character.toCodePoint(first, second));
            }
        }
        at = start;
        throw wrong("an escaped surrogate without its partner");
    }

    private char unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = peek() < 0 ? -1 : Character.digit((char) peek(), 16);
            if (digit < 0 || peek() > 'f') {
                throw wanted("a hexadecimal digit");
            }
            unit = unit << 4 | digit;
            at++;
        }
        return (char) unit;
    }

    private void space() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    /// {@return the next UTF-16 unit, −1 at the end}
    private int peek() {
        return at < text.length() ? text.charAt(at) : -1;
    }

    private JsonException wanted(String wanted) {
        String got;
        if (at >= text.length()) {
            got = "the end";
        } else {
            int c = text.codePointAt(at);
            got =
                    c > ' ' && c < 0x7F
                            ? "'%c'".formatted(c)
                            : String.format(Locale.ROOT, "U+%04X", c);
        }
        return wrong("wanted %s, got %s".formatted(wanted, got));
    }

    private JsonException wrong(String what) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < at && i < text.length(); i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        int column = text.codePointCount(lineStart, Math.min(at, text.length())) + 1;
        return new JsonException("line %d, column %d: %s".formatted(line, column, what));
    }

    /// {@return the beginning of a text of the document, fit for one line}
    static String shown(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .limit(SHOWN)
                .forEach(c -> {
                    if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                        out.append("\\u{%X}".formatted(c));
                    } else {
                        out.appendCodePoint(c);
                    }
                });
        return text.codePointCount(0, text.length()) > SHOWN ? out + "…" : out.toString();
    }
}
