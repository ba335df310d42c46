package dev.jinrai.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/// Python's `'…' % values`: `%[(name)][flags][width][.precision]type`.
final class Percent {
    private final String format;
    private final boolean escapes;
    private final Object values;
    private final List<Object> all;
    private final Budget budget;
    private final Text text;
    private int at;
    private int next;

    private Percent(Object format, Object values, Budget budget) {
        this.format = Texts.of(format);
        escapes = format instanceof Markup;
        this.values = values;
        all = values instanceof Tuple tuple ? tuple.items() : List.of(values);
        this.budget = budget;
        text = new Text(budget);
    }

    /// @param format a string; what is put into [Markup] is escaped
    static Object format(Object format, Object values, Budget budget) {
        Percent percent = new Percent(format, values, budget);
        percent.run();
        return Texts.like(format, percent.text.toString());
    }

    private void run() {
        int from = 0;
        for (at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
            text.append(format.substring(from, at++));
            field();
            from = at;
        }
        boolean subscriptable =
                values instanceof Map<?, ?>
                        || values instanceof List<?>
                        || values instanceof Undefined;
        if (next < all.size() && !subscriptable) {
            throw new Problem("not all arguments are used by the format string");
        }
        text.append(format.substring(from));
    }

    private char character() {
        if (at >= format.length()) {
            throw new Problem("the format ends behind '%'");
        }
        return format.charAt(at++);
    }

    private Object value() {
        if (next >= all.size()) {
            throw new Problem("not enough arguments for the format string");
        }
        return all.get(next++);
    }

    private void field() {
        boolean named = at < format.length() && format.charAt(at) == '(';
        Object value = named ? named() : None.NONE;
        StringBuilder flags = new StringBuilder();
        while (at < format.length() && "-+ 0#".indexOf(format.charAt(at)) >= 0) {
            flags.append(format.charAt(at++));
        }
        long width = number();
        long precision = -1;
        if (at < format.length() && format.charAt(at) == '.') {
            at++;
            precision = Math.max(0, number());
        }
        while (at < format.length() && "hlL".indexOf(format.charAt(at)) >= 0) {
            at++;
        }
        char type = character();
        if (type == '%') {
            text.append('%');
            return;
        }
        Padding padding = new Padding(width, flags.toString());
        print(named ? value : value(), type, precision, padding);
    }

    private Object named() {
        int end = format.indexOf(')', at);
        if (end < 0 || !(values instanceof Map<?, ?> map)) {
            throw new Problem(
                    end < 0
                            ? "'%(' without ')' in the format string"
                            : "a format with names needs a mapping");
        }
        String name = format.substring(at + 1, end);
        at = end + 1;
        Object value = map.get(name);
        if (value == null) {
            throw new Problem("no value for '%%(%s)'".formatted(Texts.beginning(name)));
        }
        return value;
    }

    private long number() {
        if (at < format.length() && format.charAt(at) == '*') {
            at++;
            return Numbers.index(value());
        }
        long number = -1;
        while (at < format.length() && "0123456789".indexOf(format.charAt(at)) >= 0) {
            number = Math.max(0, number) * 10 + format.charAt(at++) - '0';
            number = Math.min(number, Integer.MAX_VALUE);
        }
        return number;
    }

    private void print(Object value, char type, long precision, Padding padding) {
        switch (type) {
            case 's' -> {
                String string =
                        escapes && value instanceof Markup
                                ? Texts.of(value)
                                : escaped(Printing.str(value, budget));
                padding.text(Padding.cut(string, precision), text);
            }
            case 'r', 'a' ->
                    padding.text(
                            Padding.cut(escaped(Printing.repr(value, budget)), precision), text);
            case 'c' -> padding.text(single(value), text);
            case 'd', 'i', 'u', 'x', 'X', 'o' -> integer(value, type, precision, padding);
            case 'e', 'E', 'f', 'F', 'g', 'G' -> real(value, type, precision, padding);
            default -> throw new Problem("unsupported format '%%%c'".formatted(type));
        }
    }

    private String escaped(String string) {
        return escapes ? Markup.escape(string) : string;
    }

    private static String single(Object value) {
        if (Texts.is(value)
                && Texts.of(value).length() <= 2
                && Texts.length(Texts.of(value)) == 1) {
            return Texts.of(value);
        }
        long code = Numbers.index(value);
        if (code < 0 || code > Character.MAX_CODE_POINT) {
            throw new Problem("'%%c' needs a character, got %d".formatted(code));
        }
        return Character.toString((int) code);
    }

    private void integer(Object value, char type, long precision, Padding padding) {
        Undefined.check(value);
        Object whole = value;
        if (value instanceof Double d && "diu".indexOf(type) >= 0 && Double.isFinite(d)) {
            whole = Numbers.integer(new BigDecimal(d).toBigInteger());
        }
        if (!Numbers.isInteger(whole)) {
            throw new Problem(
                    "an integer is needed for '%%%c', got %s".formatted(type, Types.name(value)));
        }
        int radix = type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
        String digits = Numbers.big(whole).abs().toString(radix);
        digits =
                new Text(budget).repeat("0", precision - digits.length()).append(digits).toString();
        String prefix = padding.alternate() && radix != 10 ? "0" + type : "";
        padding.number(
                Numbers.big(whole).signum() < 0,
                prefix,
                type == 'X' ? Texts.upper(digits) : digits,
                text);
    }

    private void real(Object value, char type, long precision, Padding padding) {
        Undefined.check(value);
        if (!Numbers.is(value)) {
            throw new Problem(
                    "a number is needed for '%%%c', got %s".formatted(type, Types.name(value)));
        }
        double number = Numbers.real(value);
        long digits = precision < 0 ? 6 : precision;
        double size = Math.abs(number);
        String printed =
                !Double.isFinite(number)
                        ? Numbers.print(size)
                        : switch (type) {
                            case 'f', 'F' -> Floats.fixed(size, digits, budget);
                            case 'e', 'E' -> Floats.scientific(size, digits, budget);
                            default -> Floats.general(size, digits, false, budget);
                        };
        boolean negative = number < 0 || (number == 0 && 1 / number < 0);
        padding.number(
                negative, "", Character.isUpperCase(type) ? Texts.upper(printed) : printed, text);
    }
}
