package dev.jinrai.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/// The rules that JSON texts are made of (RFC 8259), less than all of it where that keeps readers safe: numbers that a double holds, no
/// halves of surrogate pairs, little white space.
final class JsonRules {
    static final Expr SPACE = new Expr.Rule("space");
    static final Expr VALUE = new Expr.Rule("value");
    static final Expr OBJECT = new Expr.Rule("object");
    static final Expr ARRAY = new Expr.Rule("array");
    static final Expr STRING = new Expr.Rule("string");
    static final Expr CHARACTER = new Expr.Rule("char");
    static final Expr NUMBER = new Expr.Rule("number");
    static final Expr INTEGER = new Expr.Rule("integer");
    static final Expr BOOLEAN = Expr.choice(Expr.text("true"), Expr.text("false"));
    static final Expr NULL = Expr.text("null");
    static final Expr QUOTE = Expr.text("\"");
    static final Expr DIGIT = Expr.range('0', '9');

    /// Between two members or elements.
    static final Expr COMMA = Expr.sequence(SPACE, Expr.text(","), SPACE);

    /// Characters that stand in a text as they are.
    static final CharSet PLAIN = CharSet.of(0, 0x1F, '"', '"', '\\', '\\', 0x7F, 0x7F).complement();

    private static final Expr HEX = new Expr.Chars(CharSet.of('0', '9', 'a', 'f', 'A', 'F'));

    private JsonRules() {}

    /// {@return the rules, by the names above}
    static Map<String, Expr> all() {
        Map<String, Expr> rules = new LinkedHashMap<>();
        Expr lines =
                Expr.sequence(
                        new Expr.Repeat(Expr.text("\n"), 1, 2),
                        new Expr.Repeat(Expr.chars(" \t"), 0, 20));
        rules.put("space", Expr.choice(Expr.EMPTY, Expr.text(" "), lines));
        rules.put("value", Expr.choice(OBJECT, ARRAY, STRING, NUMBER, BOOLEAN, NULL));
        rules.put("object", object(Expr.list(member(STRING, VALUE), COMMA, 0, Expr.UNBOUNDED)));
        rules.put("array", array(Expr.list(VALUE, COMMA, 0, Expr.UNBOUNDED)));
        rules.put("string", string(0, Expr.UNBOUNDED));
        Expr surrogate = Expr.sequence(Expr.chars("dD"), Expr.range('0', '7'), HEX, HEX);
        Expr other =
                Expr.sequence(
                        new Expr.Chars(
                                CharSet.of('0', '9', 'a', 'c', 'e', 'f', 'A', 'C', 'E', 'F')),
                        HEX,
                        HEX,
                        HEX);
        Expr escape =
                Expr.choice(
                        Expr.chars("\"\\bfnrt"),
                        Expr.sequence(Expr.text("u"), Expr.choice(other, surrogate)));
        rules.put(
                "char", Expr.choice(new Expr.Chars(PLAIN), Expr.sequence(Expr.text("\\"), escape)));
        Expr whole =
                Expr.choice(
                        Expr.text("0"),
                        Expr.sequence(Expr.range('1', '9'), new Expr.Repeat(DIGIT, 0, 15)));
        Expr minus = Expr.optional(Expr.text("-"));
        rules.put("integer", Expr.sequence(minus, whole));
        Expr fraction = Expr.sequence(Expr.text("."), new Expr.Repeat(DIGIT, 1, 16));
        Expr exponent =
                Expr.sequence(
                        Expr.chars("eE"),
                        Expr.optional(Expr.chars("+-")),
                        new Expr.Repeat(DIGIT, 1, 2));
        rules.put(
                "number",
                Expr.sequence(minus, whole, Expr.optional(fraction), Expr.optional(exponent)));
        return rules;
    }

    /// {@return a text of `min` to `max` characters}
    static Expr string(int min, int max) {
        return Expr.sequence(QUOTE, new Expr.Repeat(CHARACTER, min, max), QUOTE);
    }

    static Expr member(Expr name, Expr value) {
        return Expr.sequence(name, SPACE, Expr.text(":"), SPACE, value);
    }

    static Expr object(Expr members) {
        return Expr.sequence(Expr.text("{"), SPACE, members, SPACE, Expr.text("}"));
    }

    static Expr array(Expr elements) {
        return Expr.sequence(Expr.text("["), SPACE, elements, SPACE, Expr.text("]"));
    }
}
