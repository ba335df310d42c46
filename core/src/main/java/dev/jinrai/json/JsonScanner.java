package dev.jinrai.json;

import java.util.BitSet;

/// Follows one JSON object, array or string that comes a character at a time: where it ends, and
/// that it is JSON so far (RFC 8259, strictly). Mutable; takes constant time a character.
public final class JsonScanner {
    /// The most objects and arrays inside each other; as many as [Json] reads.
    public static final int MAX_DEPTH = JsonReader.DEEPEST;

    /// What a character does to the value.
    public enum Step {
        /// The value goes on.
        MORE,
        /// The value is whole with this character.
        END,
        /// This character cannot stand here.
        BAD
    }

    private enum State {
        VALUE,
        VALUE_OR_END,
        KEY,
        KEY_OR_END,
        COLON,
        AFTER,
        STRING,
        ESCAPE,
        HEX,
        LITERAL,
        NUMBER
    }

    /// Where a number is.
    private enum Digits {
        MINUS,
        ZERO,
        WHOLE,
        POINT,
        FRACTION,
        E,
        SIGN,
        EXPONENT
    }

    /// Whether the enclosing value of each depth is an object.
    private final BitSet objects = new BitSet();

    private State state = State.VALUE;
    private int depth;
    private boolean key;
    private int hexDigits;
    private String literal = "";
    private int matched;
    private Digits digits = Digits.MINUS;
    private boolean inKey;
    private boolean inValue;

    /// Takes the next character. After [Step#END] or [Step#BAD] there is no next.
    public Step accept(char c) {
        int outside = depth;
        State before = state;
        Step step = next(c);
        boolean deep = outside > 1 || depth > 1;
        boolean string = before == State.STRING || before == State.ESCAPE || before == State.HEX;
        boolean opensKey = (before == State.KEY || before == State.KEY_OR_END) && c == '"';
        inKey = !deep && (opensKey || (string && key));
        inValue =
                deep
                        || (string && !key)
                        || before == State.LITERAL
                        || (before == State.VALUE && outside == 1 && !isSpace(c))
                        || (before == State.NUMBER && state == State.NUMBER);
        return step;
    }

    /// {@return whether the last character belongs to a key of the outermost object, its quotes
    /// included}
    public boolean inKey() {
        return inKey;
    }

    /// {@return whether the last character belongs to a value of the outermost object}
    public boolean inValue() {
        return inValue;
    }

    /// {@return whether a character is white space between tokens}
    public static boolean isSpace(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }

    private Step next(char c) {
        return switch (state) {
            case STRING -> string(c);
            case ESCAPE -> escape(c);
            case HEX -> hex(c);
            case LITERAL -> literal(c);
            case NUMBER -> number(c);
            default -> isSpace(c) ? Step.MORE : token(c);
        };
    }

    private Step token(char c) {
        return switch (state) {
            case VALUE_OR_END -> c == ']' ? close() : value(c);
            case VALUE -> value(c);
            case KEY_OR_END -> c == '}' ? close() : keyStart(c);
            case KEY -> keyStart(c);
            case COLON -> c == ':' ? to(State.VALUE) : Step.BAD;
            case AFTER -> after(c);
            default -> throw new AssertionError(state);
        };
    }

    private Step to(State next) {
        state = next;
        return Step.MORE;
    }

    private Step value(char c) {
        return switch (c) {
            case '{' -> open(true);
            case '[' -> open(false);
            case '"' -> {
                key = false;
                yield to(State.STRING);
            }
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            case '-' -> number(Digits.MINUS);
            case '0' -> number(Digits.ZERO);
            default -> c >= '1' && c <= '9' ? number(Digits.WHOLE) : Step.BAD;
        };
    }

    private Step open(boolean object) {
        if (depth == MAX_DEPTH) {
            return Step.BAD;
        }
        objects.set(++depth, object);
        return to(object ? State.KEY_OR_END : State.VALUE_OR_END);
    }

    private Step close() {
        depth--;
        return ended();
    }

    private Step ended() {
        state = State.AFTER;
        return depth == 0 ? Step.END : Step.MORE;
    }

    private Step keyStart(char c) {
        key = true;
        return c == '"' ? to(State.STRING) : Step.BAD;
    }

    private Step after(char c) {
        boolean object = objects.get(depth);
        if (c == ',') {
            return to(object ? State.KEY : State.VALUE);
        }
        return c == (object ? '}' : ']') ? close() : Step.BAD;
    }

    private Step string(char c) {
        if (c == '"') {
            return key ? to(State.COLON) : ended();
        }
        if (c == '\\') {
            return to(State.ESCAPE);
        }
        return c < ' ' ? Step.BAD : Step.MORE;
    }

    private Step escape(char c) {
        if (c == 'u') {
            hexDigits = 0;
            return to(State.HEX);
        }
        return "\"\\/bfnrt".indexOf(c) >= 0 ? to(State.STRING) : Step.BAD;
    }

    private Step hex(char c) {
        if (c > '~' || Character.digit(c, 16) < 0) {
            return Step.BAD;
        }
        return ++hexDigits == 4 ? to(State.STRING) : Step.MORE;
    }

    private Step literal(String text) {
        if (depth == 0) {
            return Step.BAD; // where it ends would be told by the next character only
        }
        literal = text;
        matched = 1;
        return to(State.LITERAL);
    }

    private Step literal(char c) {
        if (c != literal.charAt(matched)) {
            return Step.BAD;
        }
        return ++matched == literal.length() ? ended() : Step.MORE;
    }

    private Step number(Digits start) {
        digits = start;
        return depth == 0 ? Step.BAD : to(State.NUMBER);
    }

    private Step number(char c) {
        boolean digit = c >= '0' && c <= '9';
        boolean e = c == 'e' || c == 'E';
        return switch (digits) {
            case MINUS -> digit ? number(c == '0' ? Digits.ZERO : Digits.WHOLE) : Step.BAD;
            case ZERO -> c == '.' ? number(Digits.POINT) : e ? number(Digits.E) : numberEnd(c);
            case WHOLE ->
                    digit
                            ? Step.MORE
                            : c == '.' ? number(Digits.POINT) : e ? number(Digits.E) : numberEnd(c);
            case POINT -> digit ? number(Digits.FRACTION) : Step.BAD;
            case FRACTION -> digit ? Step.MORE : e ? number(Digits.E) : numberEnd(c);
            case E ->
                    digit
                            ? number(Digits.EXPONENT)
                            : c == '+' || c == '-' ? number(Digits.SIGN) : Step.BAD;
            case SIGN -> digit ? number(Digits.EXPONENT) : Step.BAD;
            case EXPONENT -> digit ? Step.MORE : numberEnd(c);
        };
    }

    /// The character behind a number is the next token.
    private Step numberEnd(char c) {
        state = State.AFTER;
        return next(c);
    }
}
